"""Test that the maintenance page covers every rule that leads to the service, and no other."""

from typing import Any

import pytest

from tests.operate.answers import LISTENER, TARGETS, rule, service, well
from tests.operate.recorded import Recorded
from tools.operate import maintenance
from tools.operate.errors import OperateError, UsageError

_TAG = {"Key": "flask-fargate:maintenance", "Value": "Web-dev"}
_OTHERS = {"Type": "forward", "TargetGroupArn": f"{TARGETS}-of-others"}
_REDIRECT = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301"}}
_HOST = {"Field": "host-header", "HostHeaderConfig": {"Values": ["www.example.com"]}}


class Listener:
    """A listener that keeps the rules made in it."""

    def __init__(self, *rules: dict[str, Any], **more: Any) -> None:
        self.rules = list(rules)
        self.tags: dict[str, list[dict[str, str]]] = {}
        self.recorded = Recorded(
            {
                **well(),
                "DescribeRules": lambda _: {"Rules": self.rules},
                "DescribeTags": self._tags,
                "CreateRule": self._create,
                "DeleteRule": self._delete,
                **more,
            }
        )

    def _tags(self, asked: dict[str, Any]) -> dict[str, Any]:
        [arn] = asked["ResourceArns"]
        return {"TagDescriptions": [{"ResourceArn": arn, "Tags": self.tags.get(arn, [])}]}

    def _create(self, asked: dict[str, Any]) -> dict[str, Any]:
        [action] = asked["Actions"]
        made = rule(str(asked["Priority"]), action=action, Conditions=asked["Conditions"])
        self.rules.append(made)
        self.tags[made["RuleArn"]] = asked["Tags"]
        return {"Rules": [made]}

    def _delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.rules = [item for item in self.rules if item["RuleArn"] != asked["RuleArn"]]
        return {}

    @property
    def made(self) -> list[dict[str, Any]]:
        return self.recorded.parameters("CreateRule")

    def on(self, message: str = "Soon.") -> int:
        return maintenance.on(self.recorded.deployed(), message=message)

    def off(self) -> int:
        return maintenance.off(self.recorded.deployed())


def test_the_page_is_a_503_that_browsers_load_again_by_themselves() -> None:
    listener = Listener(rule("default"))
    assert listener.on("Back at <5>.") == 0
    [made] = listener.made
    [action] = made["Actions"]
    page = action["FixedResponseConfig"]
    assert (page["StatusCode"], page["ContentType"]) == ("503", "text/html")
    assert '<meta http-equiv="refresh" content="30">' in page["MessageBody"]
    assert "Back at &lt;5&gt;." in page["MessageBody"]


def test_before_a_default_action_it_catches_what_no_other_rule_does() -> None:
    listener = Listener(rule("3", action=_OTHERS, Conditions=[_HOST]), rule("default"))
    listener.on()
    [made] = listener.made
    assert (made["ListenerArn"], made["Priority"]) == (LISTENER, 4)
    assert made["Conditions"] == [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}]


def test_before_a_rule_it_catches_the_same_requests_and_no_others() -> None:
    listener = Listener(
        rule("4", action=_OTHERS), rule("5", Conditions=[_HOST]), rule("default", action=_OTHERS)
    )
    listener.on()
    [made] = listener.made
    assert (made["Priority"], made["Conditions"]) == (3, [_HOST])


def test_two_rules_that_lead_to_the_service_get_a_page_each() -> None:
    listener = Listener(rule("4", Conditions=[_HOST]), rule("5", Conditions=[_HOST]))
    listener.on()
    assert [made["Priority"] for made in listener.made] == [3, 2]


def test_a_rule_of_priority_1_leaves_no_room_and_it_says_what_to_change() -> None:
    listener = Listener(rule("1", Conditions=[_HOST]), rule("default", action=_OTHERS))
    with pytest.raises(OperateError, match=r"has priority 1.*rule_priority of 2 or more"):
        listener.on()
    assert listener.made == []


def test_redirects_and_the_test_listener_stay() -> None:
    test_rule = rule("7", Conditions=[_HOST])
    balancer = service()["services"][0]["loadBalancers"][0]
    advanced = {"testListenerRule": test_rule["RuleArn"], "alternateTargetGroupArn": f"{TARGETS}-green"}
    blue_green = service(loadBalancers=[{**balancer, "advancedConfiguration": advanced}])
    weighted = {
        "Type": "forward",
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": f"{TARGETS}-green"}]},
    }
    listener = Listener(
        test_rule,
        rule("9", action=weighted, Conditions=[_HOST]),
        rule("default", action=_REDIRECT),
        DescribeServices=blue_green,
    )
    listener.on()
    assert [made["Priority"] for made in listener.made] == [8]


def test_on_and_off_may_both_be_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    listener = Listener(rule("default"))
    assert [listener.on(), listener.on(), listener.off(), listener.off()] == [0, 0, 0, 0]
    assert [item["Priority"] for item in listener.rules] == ["default"]
    assert len(listener.made) == 1
    told = capsys.readouterr().out
    assert "is on already" in told
    assert "is off again" in told
    assert "was not on" in told


def test_off_leaves_the_pages_of_others() -> None:
    page = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    others = rule("2", action=page)
    listener = Listener(others, rule("default"))
    listener.tags[others["RuleArn"]] = [{**_TAG, "Value": "Web-guest"}]
    listener.off()
    assert others in listener.rules


def test_it_says_what_alarms_and_cloudformation_make_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    Listener(rule("default")).on()
    told = capsys.readouterr().out
    assert "count as the load balancer's own errors" in told
    assert "CloudFormation does not know the rule" in told


def test_a_message_that_does_not_fit_is_refused_with_the_room_there_is() -> None:
    listener = Listener(rule("default"))
    with pytest.raises(UsageError, match=r"--message is too long: .* leaves \d+ bytes"):
        listener.on("x" * 1024)
    with pytest.raises(UsageError) as refused:
        listener.on("x" * 1024)
    room = int(str(refused.value).partition("leaves ")[2].partition(" bytes")[0])
    assert listener.on("x" * room) == 0
