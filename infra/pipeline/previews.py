"""Limit the stacks of pull requests, whose templates nobody has reviewed.

`cdk bootstrap --qualifier preview` takes these policies (docs/pipeline.md): CloudFormation creates previews
with the rights of `Execution` and `Network`, which can create roles only with `Boundary` as their boundary.
"""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parameters import (
    PREVIEW_BOUNDARY,
    PREVIEW_EXECUTION,
    PREVIEW_NETWORK,
    PREVIEW_STACKS,
    Environment,
    SharedLoadBalancer,
)
from infra.pipeline.preview_actions import (
    LINKED_SERVICES,
    NAMED,
    READ,
    ROLES,
    ROLES_UNDER_THE_BOUNDARY,
    SERVICES_WITH_ROLES,
    UNLIMITED,
)
from infra.pipeline.preview_tags import tagged
from infra.pipeline.wildcards import accept_wildcards


class Previews(Construct):
    """The policies; add the further rights that previews of your app need to Boundary and to Execution.

    `preview` is an example, which tells whose load balancer previews share.
    """

    def __init__(self, scope: Construct, id: str, *, preview: Environment) -> None:
        super().__init__(scope, id)
        stack = cdk.Stack.of(self)
        balancer = preview.load_balancer
        roles = stack.format_arn(service="iam", region="", resource="role", resource_name=PREVIEW_STACKS)
        self._policy(
            "Boundary",
            name=PREVIEW_BOUNDARY,
            description="The most that any role of a preview may do",
            wildcards="A boundary allows nothing by itself; the roles under it name their resources.",
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[f"arn:{stack.partition}:logs:*:{stack.account}:log-group:{PREVIEW_STACKS}:*"],
                ),
                iam.PolicyStatement(
                    actions=["sns:Publish"],
                    resources=[f"arn:{stack.partition}:sns:*:{stack.account}:{PREVIEW_STACKS}"],
                ),
                iam.PolicyStatement(
                    actions=[
                        "sqs:ChangeMessageVisibility",
                        "sqs:DeleteMessage",
                        "sqs:GetQueueAttributes",
                        "sqs:GetQueueUrl",
                        "sqs:ReceiveMessage",
                        "sqs:SendMessage",
                    ],
                    resources=[f"arn:{stack.partition}:sqs:*:{stack.account}:{PREVIEW_STACKS}"],
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
                *(
                    iam.PolicyStatement(
                        actions=[f"{service}:{each}" for each in actions],
                        resources=[
                            f"arn:{stack.partition}:{service}:*:{stack.account}:{each}" for each in named
                        ],
                    )
                    for service, (named, actions) in NAMED.items()
                ),
                iam.PolicyStatement(
                    actions=[
                        f"{service}:{each}" for service, actions in UNLIMITED.items() for each in actions
                    ],
                    resources=["*"],
                ),
                iam.PolicyStatement(
                    actions=["ssm:GetParameters"],
                    resources=[f"arn:{stack.partition}:ssm:*:{stack.account}:parameter/cdk-bootstrap/*"],
                ),
                iam.PolicyStatement(actions=[*READ], resources=["*"]),
                iam.PolicyStatement(actions=[f"iam:{each}" for each in ROLES], resources=[roles]),
                iam.PolicyStatement(
                    actions=[f"iam:{each}" for each in ROLES_UNDER_THE_BOUNDARY],
                    resources=[roles],
                    conditions={
                        "StringEquals": {"iam:PermissionsBoundary": _policy_arn(stack, PREVIEW_BOUNDARY)},
                    },
                ),
                iam.PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=[roles],
                    conditions={"StringEquals": {"iam:PassedToService": SERVICES_WITH_ROLES}},
                ),
                iam.PolicyStatement(
                    actions=["iam:CreateServiceLinkedRole"],
                    resources=[
                        stack.format_arn(
                            service="iam",
                            region="",
                            resource="role",
                            resource_name=f"aws-service-role/{each}/*",
                        )
                        for each in LINKED_SERVICES
                    ],
                    conditions={"StringEquals": {"iam:AWSServiceName": LINKED_SERVICES}},
                ),
            ],
        )

        # A policy of its own: one alone may have 6,144 characters.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        self._policy(
            "Network",
            name=PREVIEW_NETWORK,
            description="What CloudFormation may change between load balancer and preview",
            wildcards="AWS makes or cuts short these names; the tag `environment` limits the rights.",
            statements=list(
                tagged(stack, owner=balancer.owner if isinstance(balancer, SharedLoadBalancer) else None)
            ),
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


def _policy_arn(stack: cdk.Stack, name: str) -> str:
    return stack.format_arn(service="iam", region="", resource="policy", resource_name=name)
