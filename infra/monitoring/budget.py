"""Tell the topic when an environment costs, or will cost, too much."""

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_sns as sns
from constructs import Construct

# Percent of the month's budget: spent so far, and forecast by AWS for the end of the month.
_ACTUAL_PERCENT = 80
_FORECAST_PERCENT = 100


class Budget(Construct):
    """A monthly budget for all resources whose tag `environment` has this name.

    Somebody must activate `environment` as a cost allocation tag, once for the account:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """

    def __init__(
        self, scope: Construct, id: str, *, environment_name: str, monthly_usd: int, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, id)
        budget = budgets.CfnBudget
        monthly = budget(
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
        # AWS Budgets asks at once whether the topic lets it in.
        monthly.node.add_dependency(topic)
