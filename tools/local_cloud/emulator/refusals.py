"""Refuse what AWS refuses and ministack would do: protected load balancers, taken priorities, full groups.

The rules of infra/policy know these from one template; here they meet what other stacks and calls have made.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import alb, ec2, iam

from tools.local_cloud.emulator.resources import HANDLERS, Props

_ELB = "AWS::ElasticLoadBalancingV2::"
# What one security group may hold in each direction, and what CloudFront's prefix list counts as.
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
# https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
_RULES_PER_GROUP = 60
_PREFIX_LIST = 55
_LINKED = ":role/aws-service-role/"


def _protected(arn: str) -> str:
    """Return why a load balancer cannot be deleted; nothing if it can be."""
    attributes = {item["Key"]: item["Value"] for item in alb._lb_attrs.get(arn, [])}
    if attributes.get("deletion_protection.enabled") != "true":
        return ""
    return f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"


def _priority_in_use(props: Props, but: str = "") -> None:
    """Raise ValueError for a priority that another rule of the listener has."""
    for arn, rule in alb._rules.items():
        listener = rule["ListenerArn"] == props.get("ListenerArn")
        if listener and str(rule["Priority"]) == str(props["Priority"]) and arn != but:
            raise ValueError(f"Priority '{props['Priority']}' is currently in use (PriorityInUse)")


def _weight(permissions: list[Props]) -> int:
    lists = ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")
    return sum(
        sum(len(each.get(name, [])) for name in lists) + _PREFIX_LIST * len(each.get("PrefixListIds", []))
        for each in permissions
    )


def _refuse_full_groups() -> None:
    for name, group in ec2._security_groups.items():
        for key in ("IpPermissions", "IpPermissionsEgress"):
            if _weight(group.get(key, [])) > _RULES_PER_GROUP:
                raise ValueError(
                    f"The maximum number of rules per security group has been reached: {name}"
                    " (RulesPerSecurityGroupLimitExceeded)"
                )


def _wrap(
    resource_type: str, operation: str, *, before: Callable[..., None] | None = None, after: bool = False
) -> None:
    """Look before, or at all security groups after, an operation of a type."""
    inner = HANDLERS[resource_type][operation]

    def ours(*arguments: Any, **keywords: Any) -> Any:
        if before:
            before(*arguments)
        made = inner(*arguments, **keywords)
        if after:
            _refuse_full_groups()
        return made

    HANDLERS[resource_type][operation] = ours


def _delete_balancer(physical_id: str, _props: Props) -> None:
    if problem := _protected(physical_id):
        raise ValueError(problem)


def _linked_role(_logical_id: str, props: Props, _stack: str) -> None:
    arn = str(props.get("RoleARN", ""))
    # By the path, which names the service: ministack makes up a name for each.
    path = "/" + arn.partition(":role/")[2].rpartition("/")[0] + "/"
    if _LINKED in arn and path not in [role["Path"] for role in iam._roles.values()]:
        raise ValueError(f"Unable to assume IAM role: {arn}")


def install() -> None:
    """Put the refusals before what ministack and this extension do."""
    delete = alb._ACTION_MAP["DeleteLoadBalancer"]
    create_rule = alb._ACTION_MAP["CreateRule"]

    def delete_balancer(params: Props) -> Any:
        problem = _protected(alb._p(params, "LoadBalancerArn"))
        return alb._error("OperationNotPermitted", problem) if problem else delete(params)

    def add_rule(params: Props) -> Any:
        asked = {"ListenerArn": alb._p(params, "ListenerArn"), "Priority": alb._p(params, "Priority", "1")}
        try:
            _priority_in_use(asked)
        except ValueError as error:
            return alb._error("PriorityInUse", str(error))
        return create_rule(params)

    alb._ACTION_MAP |= {"DeleteLoadBalancer": delete_balancer, "CreateRule": add_rule}
    _wrap(f"{_ELB}LoadBalancer", "delete", before=_delete_balancer)
    _wrap(f"{_ELB}ListenerRule", "create", before=lambda _id, props, _stack: _priority_in_use(props))
    _wrap(
        f"{_ELB}ListenerRule",
        "update",
        before=lambda arn, _old, new, *_: _priority_in_use(new, but=arn),
    )
    _wrap("AWS::ApplicationAutoScaling::ScalableTarget", "create", before=_linked_role)
    for kind in ("SecurityGroup", "SecurityGroupIngress", "SecurityGroupEgress"):
        _wrap(f"AWS::EC2::{kind}", "create", after=True)
