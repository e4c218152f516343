"""Tell channels of Slack and of Microsoft Teams what the topic of alarms tells."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.monitoring.topic import Topic
from infra.parameters import Alarms

# What a notification shows: https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html
_READS = ("cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*")
# The most that anybody may do from the channel; without one it would be AdministratorAccess.
_GUARDRAIL = "CloudWatchReadOnlyAccess"


class Chat(Construct):
    """Channels that get alarms, the budget, failed deployments and jobs, and may change nothing.

    Amazon Q in chat applications passes on messages of AWS's services and those of one form, so that what
    EventBridge tells in words for a mail goes through a topic of its own.
    https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
    """

    def __init__(self, scope: Construct, id: str, *, alarms: Alarms, topic: sns.ITopic) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        self._topic = Topic(self, "Topic", email=None)
        role = iam.Role(
            self,
            "Role",
            description="What a channel may ask of CloudWatch",
            assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"),
        )
        role.add_to_policy(iam.PolicyStatement(actions=list(_READS), resources=["*"]))
        for finding in (*(f"Action::{each}" for each in _READS), "Resource::*"):
            acknowledge(
                role,
                rule=f"AwsSolutions-IAM5[{finding}]",
                reason="It reads metrics and alarms alone, most of which know no resources.",
            )
        common: dict[str, Any] = {
            "iam_role_arn": role.role_arn,
            "sns_topic_arns": [topic.topic_arn, self._topic.topic_arn],
            "guardrail_policies": [f"arn:{stack.partition}:iam::aws:policy/{_GUARDRAIL}"],
        }
        # A change of what follows each name makes a new configuration, for which the old one's name is taken.
        if alarms.slack:
            chatbot.CfnSlackChannelConfiguration(
                self,
                "Slack",
                configuration_name=f"{stack.stack_name}-slack-{alarms.slack.workspace_id}"[:128],
                slack_workspace_id=alarms.slack.workspace_id,
                slack_channel_id=alarms.slack.channel_id,
                **common,
            )
        if alarms.teams:
            chatbot.CfnMicrosoftTeamsChannelConfiguration(
                self,
                "Teams",
                configuration_name=f"{stack.stack_name}-teams-{alarms.teams.tenant_id}-{alarms.teams.team_id}",
                teams_tenant_id=alarms.teams.tenant_id,
                team_id=alarms.teams.team_id,
                teams_channel_id=alarms.teams.channel_id,
                **common,
            )

    def target(self, title: str, description: str) -> targets.SnsTopic:
        """Return the target of a rule whose message the channels show."""
        content = {"textType": "client-markdown", "title": title, "description": description}
        return targets.SnsTopic(
            self._topic,
            authorize_using_role=True,
            message=events.RuleTargetInput.from_object(
                {"version": "1.0", "source": "custom", "content": content}
            ),
        )
