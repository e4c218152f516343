"""List the AWS calls of the role Operator, by which a person or an agent looks, and changes nothing.

They are those of `make status`, `why`, `logs`, `releases`, `csp` and `cost`, and those that plan a rollback
or a maintenance page; a test compares them. No secret's value is among them, no shell in a task, no session.
"""

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra.parameters import Environment

_OF_STACKS = ("DescribeStackEvents", "DescribeStacks", "GetTemplate", "ListStackResources")
_OF_THE_CLUSTER = (
    *("DescribeServiceDeployments", "DescribeServiceRevisions", "DescribeServices", "DescribeTasks"),
    "ListServiceDeployments",
)
_OF_THE_LOG = ("DescribeLogStreams", "FilterLogEvents", "GetLogEvents")
# Calls that know no resources, or whose resources have names that nobody knows before.
_OF_ALL = (
    "ce:GetCostAndUsage",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkInterfaces",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:DescribeLogGroups",
    "rds:DescribeDBInstances",
    "secretsmanager:DescribeSecret",
)


def look(stack: cdk.Stack, environment: Environment) -> Iterable[iam.PolicyStatement]:
    """Allow to read how an environment is, what its tasks write, and what it costs."""

    def arn(service: str, resource: str) -> str:
        return f"arn:{stack.partition}:{service}:{environment.region}:{stack.account}:{resource}"

    name = environment.stack_name
    stacks = (name, environment.data_stack_name)
    # CloudFormation names cluster, log group and queues after stack and logical id.
    kinds = ("service", "service-deployment", "service-revision", "task")
    yield _on("cloudformation", _OF_STACKS, [arn("cloudformation", f"stack/{each}/*") for each in stacks])
    yield _on("ecs", _OF_THE_CLUSTER, [arn("ecs", f"{each}/{name}-WebCapacityCluster*") for each in kinds])
    yield _on("logs", _OF_THE_LOG, [arn("logs", f"log-group:{name}-TaskLog*")])
    yield _on("sqs", ("GetQueueAttributes",), [arn("sqs", f"{name}-Worker*")])
    yield iam.PolicyStatement(actions=list(_OF_ALL), resources=["*"])


def _on(service: str, actions: Iterable[str], resources: list[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"{service}:{each}" for each in actions], resources=resources)
