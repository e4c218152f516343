"""Log groups: CloudWatch's retention periods, and one way to make a group that has one."""

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    120: logs.RetentionDays.FOUR_MONTHS,
    150: logs.RetentionDays.FIVE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
    545: logs.RetentionDays.EIGHTEEN_MONTHS,
    731: logs.RetentionDays.TWO_YEARS,
}


def log_group(
    scope: Construct, id: str, *, log_days: int, removal_policy: RemovalPolicy, name: str | None = None
) -> logs.LogGroup:
    """A log group that forgets after `log_days`, unnamed unless its writer needs a name."""
    return logs.LogGroup(
        scope, id, log_group_name=name, retention=_RETENTION[log_days], removal_policy=removal_policy
    )


def log_cdk_helper_functions(stack: Stack, *, log_days: int, removal_policy: RemovalPolicy) -> None:
    """One log group for the functions that the CDK adds for itself: those Lambda makes outlive the stack."""
    handlers = [each.node.try_find_child("Handler") for each in stack.node.children]
    functions = [each for each in handlers if isinstance(each, CfnResource)]
    if functions:
        log = log_group(stack, "HelperLog", log_days=log_days, removal_policy=removal_policy)
        for function in functions:
            function.add_property_override("LoggingConfig.LogGroup", log.log_group_name)
