"""Budget: mail before an environment costs more than it should."""

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_sns as sns
from constructs import Construct

# Of the month's budget: what has been spent, and what AWS expects by its end.
_ACTUAL_PERCENT = 80
_FORECAST_PERCENT = 100


class Budget(Construct):
    """A monthly budget over what is tagged `environment` with this name.

    The tag must be a cost allocation tag of the account, once:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """

    def __init__(
        self, scope: Construct, id: str, *, environment_name: str, monthly_usd: int, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        budget = budgets.CfnBudget
        budget(
            self,
            "Monthly",
            budget=budget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budget.SpendProperty(amount=monthly_usd, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:environment${environment_name}"]},
            ),
            notifications_with_subscribers=[
                budget.NotificationWithSubscribersProperty(
                    notification=budget.NotificationProperty(
                        notification_type=kind,
                        comparison_operator="GREATER_THAN",
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[budget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)],
                )
                for kind, percent in (("ACTUAL", _ACTUAL_PERCENT), ("FORECASTED", _FORECAST_PERCENT))
            ],
        )
