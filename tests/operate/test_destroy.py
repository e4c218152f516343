"""Test that `destroy` refuses what is protected, asks for the name, and says what stays."""

import json
import subprocess
from typing import Any

import pytest

from tests.environments import DEV
from tests.operate.answers import BALANCER, NOW, stacks, well
from tests.operate.recorded import Recorded, Refusal
from tools.operate import destroy
from tools.operate.errors import OperateError

_GONE = Refusal("ValidationError", "Stack with id Web-dev does not exist")


def _resource(name: str, kind: str, physical: str) -> dict[str, Any]:
    return {
        "LogicalResourceId": name,
        "ResourceType": kind,
        "PhysicalResourceId": physical,
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": NOW,
    }


_RESOURCES = [
    _resource("Log", "AWS::Logs::LogGroup", "/the/log"),
    _resource("Topic", "AWS::SNS::Topic", "arn:topic"),
    _resource("LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", BALANCER),
]
_TEMPLATE = {"Resources": {"Log": {"DeletionPolicy": "Retain"}, "Topic": {}, "LoadBalancer": {}}}


class Aws:
    """A recorded AWS whose stack is gone once the CDK CLI was called."""

    def __init__(
        self,
        *,
        protected: bool = False,
        undeletable: str = "false",
        cli: int = 0,
        status: str = "UPDATE_COMPLETE",
    ) -> None:
        self.called: list[list[str]] = []
        self._cli = cli
        self._stack = stacks(status, EnableTerminationProtection=protected)
        attribute = {"Key": "deletion_protection.enabled", "Value": undeletable}
        self._answers: dict[str, Any] = {
            **well(),
            "DescribeStacks": self._stack,
            "ListStackResources": {"StackResourceSummaries": _RESOURCES},
            "GetTemplate": {"TemplateBody": json.dumps(_TEMPLATE)},
            "DescribeLoadBalancerAttributes": {"Attributes": [attribute]},
            "UpdateTerminationProtection": {"StackId": "arn:stack"},
            "ModifyLoadBalancerAttributes": {"Attributes": []},
            "GetCallerIdentity": {"Account": "123456789012"},
            "DescribeLogGroups": {"logGroups": []},
            "DeleteLogGroup": {},
        }
        self.recorded = Recorded(self._answers)

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.called.append(command)
        if not self._cli:
            self._answers["DescribeStacks"] = _GONE
        return subprocess.CompletedProcess(command, self._cli)

    def destroy(self, monkeypatch: pytest.MonkeyPatch, *, typed: str = "dev") -> int:
        monkeypatch.setattr(subprocess, "run", self.run)
        monkeypatch.setattr("builtins.input", lambda _: typed)
        return destroy.destroy(self.recorded.deployed(), assembly=None)


def test_it_calls_the_cli_and_says_before_and_after_what_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Aws()
    assert aws.destroy(monkeypatch) == 0
    [command] = aws.called
    assert command[1:] == ["destroy", "Web-dev", "--force", "--no-notices"]
    told = capsys.readouterr().out
    assert "3 resources; 2 will be deleted" in told
    before, after = told.split("Web-dev is gone. What stays")
    assert "AWS::Logs::LogGroup /the/log" in before
    assert "AWS::Logs::LogGroup /the/log" in after


@pytest.mark.parametrize(
    ("aws", "why"),
    [
        (Aws(protected=True), "the stack has termination protection"),
        (Aws(undeletable="true"), "its load balancer has deletion protection"),
        (Aws(protected=True, undeletable="true"), "termination protection and its load balancer"),
    ],
)
def test_what_is_protected_is_refused_with_what_to_change(
    monkeypatch: pytest.MonkeyPatch, aws: Aws, why: str
) -> None:
    with pytest.raises(OperateError, match=rf'{why}.*removal="destroy".*infra/environments\.py'):
        aws.destroy(monkeypatch)
    assert aws.called == []


def test_the_name_of_the_environment_must_be_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws()
    assert aws.destroy(monkeypatch, typed="yes") == 1
    assert aws.called == []
    assert aws.destroy(monkeypatch, typed="dev") == 0


def test_a_stack_that_is_left_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperateError, match=r"Web-dev was not destroyed.*Running this again"):
        Aws(cli=1).destroy(monkeypatch)


def _with_logs() -> Aws:
    aws = Aws()
    names = ("/the/log", "Web-dev-TaskLog1-OF-A-FAILED-ATTEMPT")
    aws._answers["DescribeLogGroups"] = {"logGroups": [{"logGroupName": name} for name in names]}
    return aws


def test_what_the_tasks_said_goes_with_the_stack_and_so_does_what_failed_attempts_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = _with_logs()
    assert aws.destroy(monkeypatch) == 0
    [asked] = aws.recorded.parameters("DescribeLogGroups")
    assert asked == {"logGroupNamePrefix": "Web-dev-TaskLog"}
    deleted = [each["logGroupName"] for each in aws.recorded.parameters("DeleteLogGroup")]
    assert deleted == ["/the/log", "Web-dev-TaskLog1-OF-A-FAILED-ATTEMPT"]
    assert "nothing of it stays" in capsys.readouterr().out


def test_where_logs_are_to_stay_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = _with_logs()
    retained = DEV.model_copy(update={"removal": "retain"})
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (retained,))
    assert aws.destroy(monkeypatch) == 0
    assert not aws.recorded.parameters("DeleteLogGroup")


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"])
def test_what_a_failed_first_deploy_left_is_cleared_away_though_protected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    aws = Aws(protected=True, undeletable="true", status=status)
    assert aws.destroy(monkeypatch) == 0
    assert f"Its first deploy failed ({status})" in capsys.readouterr().out
    [off] = aws.recorded.parameters("UpdateTerminationProtection")
    assert off["EnableTerminationProtection"] is False
    [switched] = aws.recorded.parameters("ModifyLoadBalancerAttributes")
    assert switched["Attributes"] == [{"Key": "deletion_protection.enabled", "Value": "false"}]
    assert len(aws.called) == 1


def test_nothing_is_given_up_before_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Aws(protected=True, undeletable="true", status="ROLLBACK_FAILED")
    assert aws.destroy(monkeypatch, typed="no") == 1
    assert aws.recorded.parameters("UpdateTerminationProtection") == []
    assert aws.called == []
