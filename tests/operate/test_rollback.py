"""Test that `rollback` goes to a release that ran healthy, asks first, and can use retired revisions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.operate.answers import HEAD, NOW, SERVICE, definition, definition_arn, service, stacks, well
from tests.operate.recorded import Recorded
from tools.operate import waiting
from tools.operate.errors import OperateError
from tools.operate.rollback import rollback

_DIGEST = f"sha256:{'a' * 64}"


def deployment(revision: int, *, hours: int, status: str = "SUCCESSFUL") -> dict[str, Any]:
    return {
        "serviceDeploymentArn": f"{HEAD}:service-deployment/{revision}",
        "targetServiceRevisionArn": f"{HEAD}:service-revision/{revision}",
        "status": status,
        "createdAt": NOW - timedelta(hours=hours),
    }


class Aws:
    """A service whose deployment ends at once; revision 1 is INACTIVE, as CloudFormation leaves it."""

    def __init__(self, *past: dict[str, Any], runs: int = 3, stack: str = "UPDATE_COMPLETE") -> None:
        self.runs = runs
        self.past = past
        answers = {
            **well(),
            "DescribeStacks": stacks(stack),
            "DescribeServices": lambda _: service(revision=self.runs),
            "ListServiceDeployments": self._list,
            "DescribeServiceRevisions": self._revisions,
            "DescribeTaskDefinition": self._definition,
            "RegisterTaskDefinition": definition(revision=4),
            "UpdateService": self._update,
            "StopServiceDeployment": self._stop,
        }
        self.recorded = Recorded(answers)

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        wanted = asked.get("status")
        return {"serviceDeployments": [item for item in self.past if not wanted or item["status"] in wanted]}

    def _revisions(self, asked: dict[str, Any]) -> dict[str, Any]:
        image = {"containerName": "web", "imageDigest": _DIGEST}
        return {
            "serviceRevisions": [
                {
                    "serviceRevisionArn": arn,
                    "taskDefinition": definition_arn(int(arn.rpartition("/")[2])),
                    "containerImages": [image],
                }
                for arn in asked["serviceRevisionArns"]
            ]
        }

    def _definition(self, asked: dict[str, Any]) -> dict[str, Any]:
        revision = int(asked["taskDefinition"].rpartition(":")[2])
        tags = [{"key": "aws:cloudformation:stack-name", "value": "x"}, {"key": "team", "value": "web"}]
        return {
            **definition(revision=revision, status="INACTIVE" if revision == 1 else "ACTIVE"),
            "tags": tags,
        }

    def _update(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.runs = int(asked["taskDefinition"].rpartition(":")[2])
        return {}

    def _stop(self, _: dict[str, Any]) -> dict[str, Any]:
        self.runs = 2
        return {}


def test_it_goes_to_the_last_other_release_that_succeeded(capsys: pytest.CaptureFixture[str]) -> None:
    aws = Aws(deployment(1, hours=9), deployment(3, hours=1), deployment(2, hours=5))
    assert rollback(aws.recorded.deployed(), to="", sure=True) == 0
    [asked] = aws.recorded.parameters("UpdateService")
    assert asked["taskDefinition"] == definition_arn(2)
    told = capsys.readouterr().out
    assert "From web:3 (version version-3)" in told
    assert "to   web:2 (version version-2), deployed 5 h ago" in told
    assert "still holds web:3" in told
    assert "the next commit brings the bad release back unless it is reverted" in told


MAIL = f"{HEAD}:service/web/mail"


def with_a_worker(aws: Aws, *ran: int) -> Recorded:
    """Return AWS with a worker beside the service, at revision 3, that has run these revisions before."""

    def described(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["services"] != [MAIL]:
            return service(revision=aws.runs)
        [worker] = service(revision=3)["services"]
        return {"services": [{**worker, "serviceName": "mail", "serviceArn": MAIL}]}

    def listed(asked: dict[str, Any]) -> dict[str, Any]:
        past = [deployment(each, hours=each) for each in ran] if asked["service"] == "mail" else aws.past
        return {"serviceDeployments": [each for each in past if each["status"] in asked["status"]]}

    def updated(asked: dict[str, Any]) -> dict[str, Any]:
        return {} if asked["service"] == "mail" else aws._update(asked)

    resource = {
        "LogicalResourceId": "WorkerMail",
        "PhysicalResourceId": MAIL,
        "ResourceType": "AWS::ECS::Service",
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": NOW,
    }
    return Recorded(
        {
            **aws.recorded.answers,
            "ListStackResources": {"StackResourceSummaries": [resource]},
            "DescribeServices": described,
            "ListServiceDeployments": listed,
            "UpdateService": updated,
        }
    )


def test_workers_go_to_the_version_of_the_web_service_before_it_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded = with_a_worker(Aws(deployment(3, hours=1), deployment(2, hours=5)), 3, 2)
    assert rollback(recorded.deployed(), to="", sure=True) == 0
    asked = [(each["service"], each["taskDefinition"]) for each in recorded.parameters("UpdateService")]
    assert [name for name, _ in asked] == ["mail", SERVICE]
    assert {definition for _, definition in asked} == {definition_arn(2)}
    assert "mail web:2, from web:3" in capsys.readouterr().out


def test_a_worker_that_has_not_run_that_version_stays_and_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded = with_a_worker(Aws(deployment(3, hours=1), deployment(2, hours=5)), 3)
    assert rollback(recorded.deployed(), to="", sure=True) == 0
    assert [each["service"] for each in recorded.parameters("UpdateService")] == [SERVICE]
    told = capsys.readouterr()
    said = " ".join((told.out + told.err).split())
    assert "mail stays at web:3: it has not run version version-2" in said


def test_it_leaves_the_number_of_tasks_to_the_autoscaler() -> None:
    aws = Aws(deployment(2, hours=5))
    rollback(aws.recorded.deployed(), to="", sure=True)
    [asked] = aws.recorded.parameters("UpdateService")
    assert set(asked) == {"cluster", "service", "taskDefinition"}


@pytest.mark.parametrize("to", ["1", "web:1"])
def test_a_retired_release_is_registered_again_with_the_digest_that_ran(to: str) -> None:
    aws = Aws(deployment(2, hours=5), deployment(1, hours=9))
    assert rollback(aws.recorded.deployed(), to=to, sure=True) == 0
    [asked] = aws.recorded.parameters("RegisterTaskDefinition")
    [container] = asked["containerDefinitions"]
    assert container["image"] == f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/assets@{_DIGEST}"
    assert (asked["family"], asked["tags"]) == ("web", [{"key": "team", "value": "web"}])
    assert "status" not in asked
    [updated] = aws.recorded.parameters("UpdateService")
    assert updated["taskDefinition"] == definition_arn(4)


def test_a_deployment_under_way_is_stopped_instead(capsys: pytest.CaptureFixture[str]) -> None:
    aws = Aws(
        deployment(3, hours=0, status="IN_PROGRESS"), deployment(2, hours=5), stack="UPDATE_IN_PROGRESS"
    )
    assert rollback(aws.recorded.deployed(), to="", sure=True) == 0
    [asked] = aws.recorded.parameters("StopServiceDeployment")
    assert asked["stopType"] == "ROLLBACK"
    assert aws.recorded.parameters("UpdateService") == []
    assert "CloudFormation now rolls the stack back by itself" in capsys.readouterr().out


def test_a_stopped_deployment_of_the_same_release_is_over_when_another_deployment_serves() -> None:
    aws = Aws(deployment(3, hours=0, status="IN_PROGRESS"))
    [described] = service(revision=3)["services"]
    [current] = described["deployments"]
    same = {"services": [{**described, "deployments": [{**current, "id": "ecs-svc/old"}]}]}
    after = iter([service(revision=3)])
    answers = {**aws.recorded.answers, "DescribeServices": lambda _: next(after, same)}
    assert rollback(Recorded(answers).deployed(), to="", sure=True) == 0


def test_with_nothing_to_go_back_to_it_says_so() -> None:
    aws = Aws(deployment(3, hours=5))
    with pytest.raises(OperateError, match=r"Nothing but web:3 has run healthy in the last 90 days"):
        rollback(aws.recorded.deployed(), to="", sure=True)


def test_a_release_that_never_ran_healthy_is_refused_with_those_that_did() -> None:
    aws = Aws(deployment(2, hours=5), deployment(1, hours=9))
    with pytest.raises(OperateError, match=r"'7' has not run healthy .*: choose one of web:2, web:1"):
        rollback(aws.recorded.deployed(), to="7", sure=True)


def test_while_cloudformation_is_at_work_it_waits_for_it() -> None:
    aws = Aws(deployment(2, hours=5), stack="UPDATE_ROLLBACK_IN_PROGRESS")
    with pytest.raises(OperateError, match="CloudFormation is at work"):
        rollback(aws.recorded.deployed(), to="", sure=True)


def _end_of_file(_: str) -> str:
    raise EOFError


@pytest.mark.parametrize("answer", [lambda _: "y", _end_of_file], ids=["y", "Ctrl-D"])
def test_a_person_who_does_not_say_yes_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], str]
) -> None:
    monkeypatch.setattr("builtins.input", answer)
    aws = Aws(deployment(2, hours=5))
    assert rollback(aws.recorded.deployed(), to="", sure=False) == 1
    assert aws.recorded.parameters("UpdateService") == []


def test_a_rollback_that_does_not_get_healthy_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "POLL_S", 0.0)
    aws = Aws(deployment(2, hours=5))
    failed = {**service(revision=2, rollout="FAILED")}
    seen = iter([service(revision=3), service(revision=3), failed])
    answers = {**aws.recorded.answers, "DescribeServices": lambda _: next(seen)}
    assert rollback(Recorded(answers).deployed(), to="", sure=True) == 1
