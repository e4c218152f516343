"""Test that `status` shows how the environment is, and says by its exit code whether all is well."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.operate.answers import NOW, QUEUES, of_the_worker, rule, service, tasks, well, with_a_worker
from tests.operate.recorded import Recorded
from tools.operate.ages import age
from tools.operate.status import status

_PAGE = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}


def _told(capsys: pytest.CaptureFixture[str], **answers: Any) -> tuple[int, str]:
    code = status(Recorded({**well(), **answers}).deployed())
    return code, capsys.readouterr().out


def test_it_shows_deployment_tasks_and_url_and_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys)
    assert code == 0
    assert "Web-dev https://www.example.com" in told
    assert "Deployment  COMPLETED, 1 of 1 tasks (100 %): ECS deployment completed." in told
    assert "No alarm is on" in told
    [row] = [line for line in told.splitlines() if "01234567" in line]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["01234567", "eu-west-1a", "version-2", "RUNNING", "healthy", "3 h"]


def test_a_deployment_under_way_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, DescribeServices=service(rollout="IN_PROGRESS"))
    assert (code, "IN_PROGRESS, 1 of 1 tasks" in told) == (1, True)


def test_an_unhealthy_task_is_not_well_and_has_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    health = {"State": "unhealthy", "Reason": "Target.Timeout"}
    target = {"Target": {"Id": "10.0.0.7", "Port": 8000}, "TargetHealth": health}
    code, told = _told(capsys, DescribeTargetHealth={"TargetHealthDescriptions": [target]})
    assert (code, "unhealthy (Target.Timeout)" in told) == (1, True)


def test_a_task_that_the_load_balancer_does_not_know_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, DescribeTasks=tasks(attachments=[]))
    assert (code, "not registered" in told) == (1, True)


def test_an_alarm_of_the_stack_is_not_well_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    alarm = {
        "AlarmName": "errors-alarm",
        "StateUpdatedTimestamp": NOW,
        "AlarmDescription": "Answers are 5xx.",
    }
    recorded = Recorded({**well(), "DescribeAlarms": {"MetricAlarms": [alarm]}})
    assert status(recorded.deployed()) == 1
    assert "Answers are 5xx." in capsys.readouterr().out
    [asked] = recorded.parameters("DescribeAlarms")
    assert (asked["AlarmNames"], asked["StateValue"]) == (["errors-alarm"], "ALARM")


def test_a_maintenance_page_left_on_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    tag = {"Key": "flask-fargate:maintenance", "Value": "Web-dev"}
    page = rule("1", action=_PAGE)
    code, told = _told(
        capsys,
        DescribeRules={"Rules": [page, rule("default")]},
        DescribeTags={"TagDescriptions": [{"ResourceArn": page["RuleArn"], "Tags": [tag]}]},
    )
    assert (code, "Maintenance on" in told) == (1, True)


@pytest.mark.parametrize(
    ("since", "said"),
    [({"seconds": 5}, "5 s"), ({"minutes": 3}, "3 min"), ({"hours": 47}, "47 h"), ({"days": 3}, "3 d")],
)
def test_ages_are_in_the_unit_a_person_would_choose(since: dict[str, int], said: str) -> None:
    assert age(datetime.now(UTC) - timedelta(**since)) == said


def test_a_service_beside_the_web_service_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, **with_a_worker())
    assert code == 0
    assert "Beside it   the-worker: COMPLETED, 1 of 1 tasks (100 %)" in told


def test_a_service_beside_the_web_service_that_is_not_steady_is_not_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    under_way = service(rollout="IN_PROGRESS")["services"][0]["deployments"]
    code, _ = _told(capsys, **with_a_worker(deployments=under_way))
    assert code == 1


def test_a_worker_is_shown_by_its_name_with_what_its_queue_has(capsys: pytest.CaptureFixture[str]) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012"

    def attributes(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["QueueUrl"] == f"{QUEUES}/dead":
            return {"Attributes": {"ApproximateNumberOfMessages": "4"}}
        policy = json.dumps({"deadLetterTargetArn": f"{arn}:dead", "maxReceiveCount": 3})
        waiting = {"ApproximateNumberOfMessages": "12", "ApproximateNumberOfMessagesNotVisible": "1"}
        return {"Attributes": {"QueueArn": f"{arn}:work", "RedrivePolicy": policy, **waiting}}

    answers = with_a_worker() | {"DescribeTaskDefinition": of_the_worker, "GetQueueAttributes": attributes}
    _, told = _told(capsys, **answers)
    assert "Beside it   mail: COMPLETED, 1 of 1 tasks" in told
    assert "its queue: 12 wait, 1 in work, 4 failed" in told
