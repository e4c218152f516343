"""Create log groups that keep lines for some days, also for functions that the CDK adds by itself."""

from typing import cast

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct


def log_group(
    scope: Construct, id: str, *, log_days: int, removal_policy: RemovalPolicy, name: str | None = None
) -> logs.LogGroup:
    """Create a log group that keeps lines for `log_days`; AWS names it unless its writer needs a name."""
    group = logs.LogGroup(scope, id, log_group_name=name, removal_policy=removal_policy)
    # Set through the L1: the L2 takes members of an enumeration, LogDays of the parameters has the numbers.
    cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = log_days
    return group


def log_cdk_helper_functions(stack: Stack, *, log_days: int, removal_policy: RemovalPolicy) -> None:
    """Give CDK's helper functions a log group that the stack owns.

    Without one, Lambda creates a group for each, which keeps its lines for ever and survives `cdk destroy`.
    """
    handlers = [each.node.try_find_child("Handler") for each in stack.node.children]
    functions = [each for each in handlers if isinstance(each, CfnResource)]
    if functions:
        log = log_group(stack, "HelperLog", log_days=log_days, removal_policy=removal_policy)
        for function in functions:
            function.add_property_override("LoggingConfig.LogGroup", log.log_group_name)
            role = function.node.scope.node.find_child("Role") if function.node.scope else None
            if isinstance(role, CfnResource):
                _may_not_make_groups(role, log)


def _may_not_make_groups(role: CfnResource, log: logs.LogGroup) -> None:
    """Take the managed policy away, by which a line written late makes a group that was deleted again."""
    role.add_property_override("ManagedPolicyArns", [])
    iam.CfnPolicy(
        role,
        "Log",
        policy_name="Log",
        roles=[role.ref],
        policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": log.log_group_arn,
                }
            ],
        },
    )
