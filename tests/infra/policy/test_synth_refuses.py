"""Test that a whole synth refuses what a team breaks, in words, and not only the rule by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from infra.application import build_app, empty_app
from infra.parameters import Environment, NewLoadBalancer, Waf
from infra.policy import Policy
from infra.stack import WebStack
from tests.infra.policy.refused import PAIRS

# What a team may break in infra/additions.py, by the words of its refusal.
BROKEN = {
    "an alarm without threshold": "the alarm has no Threshold: set one",
    "two listeners on one port": "port 80 of its load balancer is that of",
    "a dashboard that is no JSON": "DashboardBody is no JSON object with a list of widgets: write it with",
    "an unknown managed rule group": "AWS has no rule group 'AWSManagedRulesCoreRuleSet': choose one of",
    "a timeout of the interval": "HealthCheckTimeoutSeconds is 10, not below the interval (10): lower",
    "a comparison that is not there": "ComparisonOperator is 'Above': use one of GreaterThan",
    "days that logs are not kept": "RetentionInDays is '8': use one of 1, 3, 5",
}


def breaks(stack: WebStack) -> None:
    """Break each thing once, by escape hatches and resources of CloudFormation."""
    found = stack.node.find_all()

    def first(kind: type[Any]) -> Any:
        return next(each for each in found if isinstance(each, kind))

    first(cloudwatch.CfnAlarm).add_property_deletion_override("Threshold")
    listener, group = first(elbv2.CfnListener), first(elbv2.CfnTargetGroup)
    group.add_property_override("HealthCheckTimeoutSeconds", 10)
    group.add_property_override("HealthCheckIntervalSeconds", 10)
    first(cdk.aws_wafv2.CfnWebACL).add_property_override(
        "Rules.1.Statement.ManagedRuleGroupStatement.Name", "AWSManagedRulesCoreRuleSet"
    )
    first(cdk.aws_logs.CfnLogGroup).add_property_override("RetentionInDays", 8)
    first(cloudwatch.CfnDashboard).add_property_override("DashboardBody", "widgets: []")
    last = [each for each in found if isinstance(each, cloudwatch.CfnAlarm)][-1]
    last.add_property_override("ComparisonOperator", "Above")
    elbv2.CfnListener(
        stack,
        "Second",
        load_balancer_arn=listener.load_balancer_arn,
        port=80,
        protocol="HTTP",
        default_actions=listener.default_actions,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what a synth says of a broken environment."""
    folder = tmp_path_factory.mktemp("broken")
    environment = Environment(name="test", load_balancer=NewLoadBalancer(waf=Waf()))
    with pytest.raises(Exception, match="alarm has no Threshold"):
        build_app(environment, add=breaks, outdir=str(folder)).synth()
    return str(json.loads((folder / "validation-report.json").read_text()))


@pytest.mark.parametrize("what", BROKEN)
def test_what_a_team_breaks_is_refused_at_synth(told: str, what: str) -> None:
    assert BROKEN[what] in told.replace('\\"', '"')


def test_a_synth_refuses_each_case_of_each_rule(tmp_path: Path) -> None:
    app = empty_app(outdir=str(tmp_path))
    cdk.Validations.of(app).add_plugins(Policy())
    wanted = {
        f"Case{number}": rule
        for number, rule in enumerate(rule for rule, pairs in PAIRS.items() for _ in pairs)
    }
    cases = [bad for pairs in PAIRS.values() for bad, _ in pairs]
    for name, bad in zip(wanted, cases, strict=True):
        stack = cdk.Stack(app, name)
        for logical_id, resource in bad.items():
            cdk.CfnResource(stack, logical_id, type=resource["Type"], properties=resource["Properties"])
    with pytest.raises(Exception, match="alarm has no Threshold"):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    missing = {name: rule for name, rule in wanted.items() if (name, rule) not in set(_violations(report))}
    assert missing == {}


def _violations(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the stack and the rule of each violation."""
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield construct["constructPath"].partition("/")[0], violation["ruleName"]
