"""Test that `status` shows how the environment is, and says by its exit code whether all is well."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.parameters import Postgres
from service.kit import emf
from tests.environments import DEV
from tests.operate.answers import (
    NOW,
    QUEUES,
    metrics,
    of_the_worker,
    rule,
    service,
    tasks,
    well,
    with_a_worker,
)
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
    first, second, *_ = told.splitlines()
    assert first == "✓ dev is well: version-2 since 3 h, 1 of 1 tasks in 1 zone"
    assert second == "Web-dev https://www.example.com"
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
    assert code == 1
    assert "✗ dev is not well: every visitor gets the maintenance page. Next: make maintenance-off" in told


@pytest.mark.parametrize(
    ("since", "said"),
    [({"seconds": 5}, "5 s"), ({"minutes": 3}, "3 min"), ({"hours": 47}, "47 h"), ({"days": 3}, "3 d")],
)
def test_ages_are_in_the_unit_a_person_would_choose(since: dict[str, int], said: str) -> None:
    assert age(datetime.now(UTC) - timedelta(**since)) == said


def test_a_service_beside_the_web_service_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, **with_a_worker())
    assert code == 0
    assert "Worker      the-worker: COMPLETED, 1 of 1 tasks (100 %)" in told


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
    assert "Worker      mail: COMPLETED, 1 of 1 tasks" in told
    assert "its queue: 12 wait, 1 in work, 4 failed" in told


def test_the_figures_of_the_last_five_minutes_are_those_of_the_services_own_metrics(
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded = Recorded(well())
    assert status(recorded.deployed()) == 0
    assert (
        "Last 5 min  1 requests/s, 1 % 5xx, p95 41 ms in the worst minute, 12 % of threads busy"
        in capsys.readouterr().out
    )
    [asked] = recorded.parameters("GetMetricData")
    metrics = [each["MetricStat"]["Metric"] for each in asked["MetricDataQueries"]]
    assert {each["Namespace"] for each in metrics} == {emf.NAMESPACE}
    assert {each["MetricName"] for each in metrics} <= emf.UNITS.keys()
    assert [each["Dimensions"] for each in metrics] == [[{"Name": emf.DIMENSION, "Value": "dev"}]] * 4


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Saturation": [0], "Requests": [0]}, "no request, 0 % of threads busy"),
        ({}, "nothing was reported: CloudWatch learns of a new task after a minute"),
    ],
)
def test_without_traffic_it_says_so(
    capsys: pytest.CaptureFixture[str], values: dict[str, list[float]], said: str
) -> None:
    assert f"Last 5 min  {said}" in _told(capsys, GetMetricData=metrics(**values))[1]


def test_an_hour_costs_what_the_tasks_and_the_rest_of_the_stack_are_listed_at(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # A quarter of a vCPU and half a GB, and a key of a dollar a month.
    task, key = 0.25 * 0.03238 + 0.5 * 0.00356, 1 / 730
    told = _told(capsys)[1]
    assert f"${task + key:.2f} an hour at list prices (tasks {task:.3f}, all else {key:.3f})" in told


def test_a_task_on_spot_costs_less(capsys: pytest.CaptureFixture[str]) -> None:
    told = _told(capsys, DescribeTasks=tasks(capacityProviderName="FARGATE_SPOT"))[1]
    assert f"(tasks {0.33 * (0.25 * 0.03238 + 0.5 * 0.00356):.3f}," in told


def test_outgoing_addresses_of_gateways_are_told_from_those_of_tasks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Goes out by 203.0.113.9 (of the tasks: new tasks have others)" in _told(capsys)[1]
    gateway = well()["ListStackResources"]["StackResourceSummaries"][0] | {
        "ResourceType": "AWS::EC2::NatGateway",
        "PhysicalResourceId": "nat-1",
    }
    addresses = [{"PublicIp": "203.0.113.7"}, {"PublicIp": "203.0.113.8"}]
    told = _told(
        capsys,
        ListStackResources={"StackResourceSummaries": [gateway]},
        DescribeNatGateways={"NatGateways": [{"NatGatewayAddresses": addresses}]},
    )[1]
    assert "Goes out by 203.0.113.7, 203.0.113.8 (NAT gateways: they stay)" in told


def test_the_database_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.environments.ENVIRONMENTS", (DEV.model_copy(update={"database": Postgres()}),))
    instance = well()["ListStackResources"]["StackResourceSummaries"][0] | {
        "ResourceType": "AWS::RDS::DBInstance",
        "PhysicalResourceId": "the-db",
    }
    described = {
        "DBInstanceIdentifier": "the-db",
        "DBInstanceStatus": "available",
        "Engine": "postgres",
        "EngineVersion": "17.5",
        "DBInstanceClass": "db.t4g.micro",
        "MultiAZ": True,
    }
    told = _told(
        capsys,
        ListStackResources=lambda asked: {
            "StackResourceSummaries": [instance] if asked["StackName"] == "Data-dev" else []
        },
        DescribeDBInstances={"DBInstances": [described]},
    )[1]
    assert "Database    the-db: available, postgres 17.5, db.t4g.micro, two zones" in told


@pytest.mark.parametrize(
    ("answers", "first"),
    [
        (
            {"DescribeServices": service(rollout="IN_PROGRESS")},
            "✗ dev is not well: a deployment of version-2 is under way. Next: make why ENV=dev, or wait",
        ),
        (
            {"DescribeServices": service(desiredCount=2)},
            "✗ dev is not well: 1 of 2 tasks are healthy. Next: make why ENV=dev",
        ),
        (
            {"DescribeTasks": tasks(attachments=[])},
            "✗ dev is not well: nobody serves: no task is healthy. Next: make why ENV=dev",
        ),
    ],
)
def test_the_first_line_says_what_is_wrong_and_what_to_do(
    capsys: pytest.CaptureFixture[str], answers: dict[str, Any], first: str
) -> None:
    assert _told(capsys, **answers)[1].splitlines()[0] == first
