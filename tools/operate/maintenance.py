"""Let the load balancer answer with a maintenance page (`make maintenance-on`, `maintenance-off`)."""

import html
import shlex
from typing import Any

from tools.operate import ways
from tools.operate.consent import agreed
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


def on(deployed: Deployed, *, message: str, token: str = "") -> int:
    """Put a rule with the page before every rule that leads to the service."""
    page = _PAGE.format(retry_s=_RETRY_S, message=html.escape(message))
    if len(page.encode()) > _LONGEST_PAGE:
        room = _LONGEST_PAGE - len(page.encode()) + len(html.escape(message).encode())
        raise UsageError(f"--message is too long: a load balancer's page leaves {room} bytes for it.")
    service = deployed.service()
    if rules_on(deployed, service):
        console.print(f"The maintenance page of {deployed.stack} is on already.")
        return 0
    found = list(ways.ways(deployed, service))
    if not found:
        raise OperateError(f"No listener leads to {service['serviceName']}: nothing to put a page before.")
    agreed(
        deployed,
        "maintenance-on",
        [f"Every visitor of {deployed.output('Url')} gets 503 and the page: {message}"],
        token=token,
        given=[f"ARGS=--message {shlex.quote(message)}"],
    )
    # Find all priorities before making the first rule, so that no listener is left without the page.
    priorities = [ways.take_priority_before(way) for way in found]
    for way, priority in zip(found, priorities, strict=True):
        deployed.client("elbv2").create_rule(
            ListenerArn=way.listener,
            Priority=priority,
            Conditions=ways.conditions_of(way.rule),
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
        " deployment meanwhile. CloudFormation does not know the rule: deploys and drift checks leave it"
        " alone."
    )
    return 0


def off(deployed: Deployed) -> int:
    """Remove the page; do nothing if it is not there."""
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
        for rules in ways.rules_by_listener(deployed, service).values()
        for rule in rules
        if rule["Actions"][-1]["Type"] == "fixed-response" and _tag(deployed, rule) == deployed.stack
    ]


def _tag(deployed: Deployed, rule: dict[str, Any]) -> str:
    answer = deployed.client("elbv2").describe_tags(ResourceArns=[rule["RuleArn"]])["TagDescriptions"]
    return next((tag["Value"] for item in answer for tag in item["Tags"] if tag["Key"] == _TAG), "")
