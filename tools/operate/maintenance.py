"""`make maintenance-on` and `maintenance-off`: the load balancer answers for the service."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.operate.deployed import Deployed
from tools.operate.errors import OperateError, UsageError
from tools.show import console

_TAG = "flask-fargate:maintenance"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html
_LONGEST_PAGE = 1024
# A fixed response has no headers of its own, so the page itself tells browsers when to try again.
_RETRY_S = 30
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Maintenance</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="{retry_s}">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem}}</style>
</head><body><h1>Maintenance</h1><p>{message}</p></body></html>"""
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
class _Way:
    """A listener's rule that leads to the service."""

    listener: str
    rule: dict[str, Any]
    beside: list[dict[str, Any]]


def on(deployed: Deployed, *, message: str) -> int:
    """Put a rule with the page before every rule that leads to the service."""
    page = _PAGE.format(retry_s=_RETRY_S, message=html.escape(message))
    if len(page.encode()) > _LONGEST_PAGE:
        room = _LONGEST_PAGE - len(page.encode()) + len(html.escape(message).encode())
        raise UsageError(f"--message is too long: a load balancer's page leaves {room} bytes for it.")
    service = deployed.service()
    if rules_on(deployed, service):
        console.print(f"The maintenance page of {deployed.stack} is on already.")
        return 0
    ways = list(_ways(deployed, service))
    if not ways:
        raise OperateError(f"No listener leads to {service['serviceName']}: nothing to put a page before.")
    for way in ways:
        deployed.client("elbv2").create_rule(
            ListenerArn=way.listener,
            Priority=_before(way),
            Conditions=_conditions(way.rule),
            Actions=[
                {
                    "Type": "fixed-response",
                    "FixedResponseConfig": {
                        "StatusCode": "503",
                        "ContentType": "text/html",
                        "MessageBody": page,
                    },
                }
            ],
            Tags=[{"Key": _TAG, "Value": deployed.stack}],
        )
    console.print(f"{deployed.output('Url')} answers 503 with the page; the tasks run on, and stay healthy.")
    console.print(
        "These answers count as the load balancer's own errors: alarms on them go on, and roll back a"
        " deployment"
        " meanwhile. CloudFormation does not know the rule: deploys and drift checks leave it alone."
    )
    return 0


def off(deployed: Deployed) -> int:
    """Take the page away; no harm done where it is not there."""
    rules = rules_on(deployed, deployed.service())
    for rule in rules:
        deployed.client("elbv2").delete_rule(RuleArn=rule["RuleArn"])
    said = "is off again" if rules else "was not on"
    console.print(f"The maintenance page of {deployed.stack} {said}: {deployed.output('Url')}")
    return 0


def rules_on(deployed: Deployed, service: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules by which the page is on."""
    return [
        rule
        for rules in _rules_by_listener(deployed, service).values()
        for rule in rules
        if rule["Actions"][-1]["Type"] == "fixed-response" and _tag(deployed, rule) == deployed.stack
    ]


def _tag(deployed: Deployed, rule: dict[str, Any]) -> str:
    answer = deployed.client("elbv2").describe_tags(ResourceArns=[rule["RuleArn"]])["TagDescriptions"]
    return next((tag["Value"] for item in answer for tag in item["Tags"] if tag["Key"] == _TAG), "")


def _rules_by_listener(deployed: Deployed, service: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups = sorted(_target_groups(service))
    found = {}
    answer = deployed.pages("elbv2", "describe_target_groups", "TargetGroups", TargetGroupArns=groups)
    for balancer in sorted({arn for group in answer for arn in group["LoadBalancerArns"]}):
        for item in deployed.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer):
            arn = item["ListenerArn"]
            found[arn] = list(deployed.pages("elbv2", "describe_rules", "Rules", ListenerArn=arn))
    return found


def _ways(deployed: Deployed, service: dict[str, Any]) -> Iterator[_Way]:
    groups, test_rules = _target_groups(service), _test_rules(service)
    for listener, rules in _rules_by_listener(deployed, service).items():
        for rule in rules:
            # The test listener of a blue/green deployment stays: it is how one looks at the repaired service.
            if groups & _forwarded_to(rule) and rule["RuleArn"] not in test_rules:
                yield _Way(listener, rule, rules)


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


def _before(way: _Way) -> int:
    """Return the priority just before a rule's own: further up it would catch what others' rules should.

    What leads there by default is caught last of all.
    """
    used = {int(rule["Priority"]) for rule in way.beside if rule["Priority"] != "default"}
    if way.rule["Priority"] == "default":
        return max(used, default=0) + 1
    own = int(way.rule["Priority"])
    free = [number for number in range(1, own) if number not in used]
    if not free:
        raise OperateError(
            f"The service's rule has priority {own}, and none before it is free: give it a rule_priority of"
            f" {own + 1} or more in infra/environments.py, and deploy."
        )
    return free[-1]


def _conditions(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the conditions of a rule as they may be given again; a default rule has none."""
    if rule["Priority"] == "default":
        return [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}]
    return [
        {"Field": item["Field"], **{key: item[key] for key in _CONFIGS if item.get(key)}}
        if any(item.get(key) for key in _CONFIGS)
        else {"Field": item["Field"], "Values": item["Values"]}
        for item in rule["Conditions"]
    ]
