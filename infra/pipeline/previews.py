"""Previews: what stacks of pull requests may make at most, since nobody has reviewed their templates.

`cdk bootstrap --qualifier preview` takes both policies (docs/pipeline.md): CloudFormation makes previews with
`Execution`, which makes roles only under `Boundary`.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.pipeline.names import PREVIEW_BOUNDARY, PREVIEW_EXECUTION, PREVIEW_STACKS
from infra.pipeline.wildcards import accept_wildcards

# By what they are named after their stack or, where AWS cuts names short, on all resources of the account.
_OF_THE_STACK = {
    "application-autoscaling": (
        *("DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget", "PutScalingPolicy"),
        *("PutScheduledAction", "RegisterScalableTarget", "TagResource", "UntagResource"),
    ),
    "cloudwatch": (
        *("DeleteAlarms", "DeleteDashboards", "PutDashboard", "PutMetricAlarm", "TagResource"),
        "UntagResource",
    ),
    "ec2": (
        *("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup"),
        *("CreateTags", "DeleteSecurityGroup", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
    ),
    "ecs": (
        *("CreateCluster", "CreateService", "DeleteCluster", "DeleteService", "DeregisterTaskDefinition"),
        *("PutClusterCapacityProviders", "RegisterTaskDefinition", "TagResource", "UntagResource"),
        *("UpdateCluster", "UpdateService"),
    ),
    "elasticloadbalancing": (
        *("AddTags", "CreateRule", "CreateTargetGroup", "DeleteRule", "DeleteTargetGroup", "ModifyRule"),
        *("ModifyTargetGroup", "ModifyTargetGroupAttributes", "RemoveTags", "SetRulePriorities"),
    ),
    "events": ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"),
    "logs": (
        *("CreateLogGroup", "DeleteLogGroup", "DeleteQueryDefinition", "PutQueryDefinition"),
        *("PutRetentionPolicy", "TagResource", "UntagResource"),
    ),
    "sns": (
        *("CreateTopic", "DeleteTopic", "SetTopicAttributes", "Subscribe", "TagResource", "Unsubscribe"),
        "UntagResource",
    ),
}
_READ = (
    *("application-autoscaling:Describe*", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard"),
    *("ec2:Describe*", "ecs:Describe*", "elasticloadbalancing:Describe*", "events:DescribeRule"),
    *("events:ListTargetsByRule", "logs:Describe*", "sns:GetTopicAttributes", "sns:ListTagsForResource"),
    *("cloudwatch:ListTagsForResource", "logs:ListTagsForResource", "ecs:ListTagsForResource"),
    *("application-autoscaling:ListTagsForResource", "ssm:GetParameters"),
)
_ROLES = (
    *("DeleteRole", "DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies"),
    *("ListRolePolicies", "TagRole", "UntagRole", "UpdateRole", "UpdateAssumeRolePolicy"),
)
_ROLES_UNDER_THE_BOUNDARY = ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary")
_SERVICES_WITH_ROLES = ["ecs-tasks.amazonaws.com", "events.amazonaws.com"]


class Previews(Construct):
    """The two policies; what a preview of your app needs beyond them goes into both."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        roles = stack.format_arn(service="iam", region="", resource="role", resource_name=PREVIEW_STACKS)
        self._policy(
            "Boundary",
            name=PREVIEW_BOUNDARY,
            description="The most that any role of a preview may do",
            wildcards="A boundary allows nothing by itself; the roles under it name their resources.",
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[_named(stack, "logs", "log-group", cdk.ArnFormat.COLON_RESOURCE_NAME)],
                ),
                iam.PolicyStatement(
                    actions=["sns:Publish"],
                    resources=[stack.format_arn(service="sns", region="*", resource=PREVIEW_STACKS)],
                ),
                iam.PolicyStatement(
                    actions=[
                        "ecr:BatchCheckLayerAvailability",
                        "ecr:BatchGetImage",
                        "ecr:GetAuthorizationToken",
                        "ecr:GetDownloadUrlForLayer",
                        "xray:PutTelemetryRecords",
                        "xray:PutTraceSegments",
                    ],
                    resources=["*"],
                ),
            ],
        )
        self._policy(
            "Execution",
            name=PREVIEW_EXECUTION,
            description="What CloudFormation may make for a preview",
            wildcards="AWS cuts names short, so that not every resource can be named after its stack.",
            statements=[
                iam.PolicyStatement(
                    actions=[
                        f"{service}:{action}"
                        for service, actions in _OF_THE_STACK.items()
                        for action in actions
                    ],
                    resources=["*"],
                ),
                iam.PolicyStatement(actions=[*_READ], resources=["*"]),
                iam.PolicyStatement(actions=[f"iam:{each}" for each in _ROLES], resources=[roles]),
                iam.PolicyStatement(
                    actions=[f"iam:{each}" for each in _ROLES_UNDER_THE_BOUNDARY],
                    resources=[roles],
                    conditions={
                        "StringEquals": {"iam:PermissionsBoundary": _policy_arn(stack, PREVIEW_BOUNDARY)},
                    },
                ),
                iam.PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=[roles],
                    conditions={"StringEquals": {"iam:PassedToService": _SERVICES_WITH_ROLES}},
                ),
            ],
        )

    def _policy(
        self,
        id: str,
        *,
        name: str,
        description: str,
        wildcards: str,
        statements: list[iam.PolicyStatement],
    ) -> None:
        policy = iam.ManagedPolicy(
            self, id, managed_policy_name=name, description=description, statements=statements
        )
        accept_wildcards(policy, statements, reason=wildcards)


def _named(stack: cdk.Stack, service: str, resource: str, form: cdk.ArnFormat) -> str:
    return stack.format_arn(
        service=service, region="*", resource=resource, resource_name=f"{PREVIEW_STACKS}:*", arn_format=form
    )


def _policy_arn(stack: cdk.Stack, name: str) -> str:
    return stack.format_arn(service="iam", region="", resource="policy", resource_name=name)
