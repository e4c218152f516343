"""Test the web ACL: the requests that it refuses, that it only counts, and that it logs."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from infra.parameters import NewLoadBalancer, Waf
from tests.infra.parts import front_door


def template(stack: cdk.Stack, **waf: Any) -> Template:
    return front_door(stack, choice=NewLoadBalancer(waf=Waf(**waf)))


def rules(made: Template) -> dict[str, dict[str, Any]]:
    (acl,) = made.find_resources("AWS::WAFv2::WebACL").values()
    return {rule["Name"]: rule for rule in acl["Properties"]["Rules"]}


def test_has_awss_rules_and_a_rate_limit(stack: cdk.Stack) -> None:
    assert list(rules(template(stack))) == [
        "RateLimit",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]


def test_anonymous_clients_are_refused_on_request_only(stack: cdk.Stack) -> None:
    assert "AWSManagedRulesAnonymousIpList" in rules(template(stack, anonymous_ips=True))


def test_blocks_in_mode_block(stack: cdk.Stack) -> None:
    made = rules(template(stack, mode="block"))
    assert made.pop("RateLimit")["Action"] == {"Block": {}}
    assert [rule["OverrideAction"] for rule in made.values()] == [{"None": {}}] * 3


def test_blocks_nothing_in_mode_count(stack: cdk.Stack) -> None:
    made = rules(template(stack, mode="count"))
    assert made.pop("RateLimit")["Action"] == {"Count": {}}
    assert [rule["OverrideAction"] for rule in made.values()] == [{"Count": {}}] * 3


def test_it_only_counts_until_somebody_has_read_its_log() -> None:
    assert Waf().mode == "count"
    assert "read the log for some days, then block" in str(Waf.model_fields["mode"].description)


def test_limits_each_client_to_the_requests_given(stack: cdk.Stack) -> None:
    made = rules(template(stack, requests_per_5_minutes=500))
    assert made["RateLimit"]["Statement"]["RateBasedStatement"] == {"AggregateKeyType": "IP", "Limit": 500}


def test_uploads_above_8_kb_are_not_refused(stack: cdk.Stack) -> None:
    group = rules(template(stack, mode="block"))["AWSManagedRulesCommonRuleSet"]
    assert group["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]


def test_is_in_front_of_the_load_balancer(stack: cdk.Stack) -> None:
    template(stack).has_resource_properties(
        "AWS::WAFv2::WebACLAssociation",
        {"ResourceArn": {"Ref": Match.string_like_regexp("LoadBalancer")}},
    )


def test_logs_what_it_refuses_or_counts_without_credentials(stack: cdk.Stack) -> None:
    made = template(stack, log_days=90)
    (log,) = made.find_resources("AWS::Logs::LogGroup", {"Properties": {"RetentionInDays": 90}}).values()
    assert log["Properties"]["LogGroupName"]["Fn::Join"][1][0] == "aws-waf-logs-Test-"
    (logging,) = made.find_resources("AWS::WAFv2::LoggingConfiguration").values()
    assert logging["Properties"]["LoggingFilter"]["DefaultBehavior"] == "DROP"
    redacted = logging["Properties"]["RedactedFields"]
    assert [field["SingleHeader"]["Name"] for field in redacted] == ["authorization", "cookie"]


def test_a_log_that_outlives_its_stack_is_not_in_the_way_of_the_next(stack: cdk.Stack) -> None:
    (log,) = template(stack).find_resources("AWS::Logs::LogGroup").values()
    assert "AWS::StackId" in str(log["Properties"]["LogGroupName"])


@pytest.mark.parametrize("kind", ["WebACL", "WebACLAssociation", "LoggingConfiguration"])
def test_there_is_none_unless_asked_for(stack: cdk.Stack, kind: str) -> None:
    front_door(stack).resource_count_is(f"AWS::WAFv2::{kind}", 0)
