"""Create the SNS topic of alarms, failed deployments and the budget, with its subscriber."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class Topic(sns.Topic):
    """A topic that takes messages by TLS only, from CloudWatch and Budgets of this account and from roles."""

    def __init__(self, scope: Construct, id: str, *, email: str | None) -> None:
        super().__init__(scope, id, enforce_ssl=True)
        # `enforce_ssl` replaces the default policy, under which all of the account could publish.
        for service in ("cloudwatch", "budgets"):
            self.grant_publish(
                iam.ServicePrincipal(
                    f"{service}.amazonaws.com",
                    conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
                )
            )
        if email:
            self.add_subscription(subscriptions.EmailSubscription(email))
