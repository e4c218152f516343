"""Find the listener rules that lead to a service, whoever owns the load balancer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.operate.deployed import Deployed
from tools.operate.errors import OperateError

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html: a rule has one
# of these, besides Field, and Values where it is in the old form.
_CONFIGS = (
    "HostHeaderConfig",
    "PathPatternConfig",
    "HttpHeaderConfig",
    "QueryStringConfig",
    "HttpRequestMethodConfig",
    "SourceIpConfig",
)


@dataclass(frozen=True)
class Way:
    """A listener's rule that leads to the service."""

    listener: str
    rule: dict[str, Any]
    beside: list[dict[str, Any]]


def rules_by_listener(deployed: Deployed, service: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return all rules of every listener of the load balancers that serve the service."""
    groups = sorted(_target_groups(service))
    found = {}
    answer = deployed.pages("elbv2", "describe_target_groups", "TargetGroups", TargetGroupArns=groups)
    for balancer in sorted({arn for group in answer for arn in group["LoadBalancerArns"]}):
        for item in deployed.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer):
            arn = item["ListenerArn"]
            found[arn] = list(deployed.pages("elbv2", "describe_rules", "Rules", ListenerArn=arn))
    return found


def ways(deployed: Deployed, service: dict[str, Any]) -> Iterator[Way]:
    """Yield the rules by which visitors reach the service."""
    groups, test_rules = _target_groups(service), _test_rules(service)
    for listener, rules in rules_by_listener(deployed, service).items():
        for rule in rules:
            # Leave a blue/green deployment's test listener open: people check the repaired service there.
            if groups & _forwarded_to(rule) and rule["RuleArn"] not in test_rules:
                yield Way(listener, rule, rules)


def _target_groups(service: dict[str, Any]) -> set[str]:
    balancers = service["loadBalancers"]
    alternates = {item.get("advancedConfiguration", {}).get("alternateTargetGroupArn") for item in balancers}
    return {item["targetGroupArn"] for item in balancers} | {arn for arn in alternates if arn}


def _test_rules(service: dict[str, Any]) -> set[str]:
    return {
        item.get("advancedConfiguration", {}).get("testListenerRule") for item in service["loadBalancers"]
    }


def _forwarded_to(rule: dict[str, Any]) -> set[str]:
    found = set()
    for action in rule["Actions"]:
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        found |= {action.get("TargetGroupArn"), *(group["TargetGroupArn"] for group in groups)}
    return found - {None}


def take_priority_before(way: Way) -> int:
    """Return the priority just before a rule's own, and count it as used.

    A lower number would come before other services' rules; for the default rule it is the last number of all.
    Raises OperateError if no priority is free.
    """
    used = {int(rule["Priority"]) for rule in way.beside if rule["Priority"] != "default"}
    if way.rule["Priority"] == "default":
        priority = max(used, default=0) + 1
    else:
        own = int(way.rule["Priority"])
        priority = max(set(range(1, own)) - used, default=0)
        if not priority:
            raise OperateError(
                f"The service's rule has priority {own}, and none before it is free: give it a rule_priority"
                f" of {own + 1} or more in infra/environments.py, and deploy."
            )
    way.beside.append({"Priority": str(priority), "Actions": []})
    return priority


def conditions_of(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the conditions of a rule in the form in which a new rule takes them; a default rule has none."""
    if rule["Priority"] == "default":
        return [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}]
    return [
        {"Field": item["Field"], **{key: item[key] for key in _CONFIGS if item.get(key)}}
        if any(item.get(key) for key in _CONFIGS)
        else {"Field": item["Field"], "Values": item["Values"]}
        for item in rule["Conditions"]
    ]
