"""Test the function that lets a service sleep and wakes it; botocore judges each call and each answer."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import get_session
from botocore.validate import ParamValidator

from infra.release.functions import sleep as function

_ELB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
TASKS, HERE = f"{_ELB}:targetgroup/tasks/0123456789abcdef", f"{_ELB}:targetgroup/here/0123456789abcdef"
RULE = f"{_ELB}:listener-rule/app/web/0123456789abcdef/0123456789abcdef/0123456789abcdef"
BALANCER = f"{_ELB}:loadbalancer/app/web/0123456789abcdef"
CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/web"
SERVICES = "arn:aws:ecs:eu-west-1:123456789012:service/web"
REQUEST = {"httpMethod": "GET", "path": "/", "requestContext": {"elb": {"targetGroupArn": HERE}}}
MINUTES = 30


@dataclass
class Aws:
    """A service, its rule and its figures; what is changed is written down, in order."""

    asleep: bool = False
    tasks: int = 1
    healthy: bool = True
    requests: tuple[int, ...] = ()
    minutes_healthy: int = MINUTES
    changed: list[tuple[str, object]] = field(default_factory=list)

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what AWS answers, from its documentation."""
        if operation == "ModifyRule":
            (action,) = asked["Actions"]
            self.asleep = action["TargetGroupArn"] == HERE
            self.changed.append(("leads to", "the function" if self.asleep else "the tasks"))
            return {"Rules": []}
        if operation == "UpdateService":
            assert asked["service"] == f"{SERVICES}/web"
            self.tasks = asked["desiredCount"]
            self.changed.append(("tasks", self.tasks))
            return {}
        if operation == "GetMetricStatistics":
            (statistic,) = asked["Statistics"]
            figures = (1,) * self.minutes_healthy if statistic == "Minimum" else self.requests
            return {"Datapoints": [{statistic: float(each)} for each in figures]}
        action = {"Type": "forward", "TargetGroupArn": HERE if self.asleep else TASKS}
        health = {"TargetHealth": {"State": "healthy" if self.healthy else "initial"}}
        described: dict[str, dict[str, Any]] = {
            "DescribeRules": {"Rules": [{"Actions": [action]}]},
            "DescribeTargetHealth": {"TargetHealthDescriptions": [health] * bool(self.tasks)},
            "DescribeTargetGroups": {"TargetGroups": [{"LoadBalancerArns": [BALANCER]}]},
            "ListServices": {"serviceArns": [f"{SERVICES}/worker", f"{SERVICES}/web"]},
            "DescribeServices": {"services": [_service("worker", 5), _service("web", self.tasks, TASKS)]},
        }
        return described[operation]


def _service(name: str, tasks: int, *groups: str) -> dict[str, Any]:
    return {
        "serviceArn": f"{SERVICES}/{name}",
        "serviceName": name,
        "status": "ACTIVE",
        "desiredCount": tasks,
        "loadBalancers": [{"targetGroupArn": each} for each in groups],
    }


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Return the AWS that the function asks; botocore refuses wrong calls and wrong answers."""
    aws, session = Aws(), get_session()
    session.set_credentials("x", "x")
    create = session.create_client

    def create_client(service: str) -> Any:
        client, asked = create(service, region_name="eu-west-1"), []

        def ask(params: dict[str, Any], **_: object) -> None:
            asked.append(params)

        def answer(model: Any, **_: object) -> tuple[Any, dict[str, Any]]:
            answered = aws.answer(model.name, asked.pop())
            if model.output_shape:
                report = ParamValidator().validate(answered, model.output_shape)
                assert not report.has_errors(), report.generate_report()
            return AWSResponse("", 200, HTTPHeaders(), None), answered

        client.meta.events.register("provide-client-params", ask)
        # botocore uses what a handler returns as the answer; its type stubs do not know that.
        client.meta.events.register("before-call", answer)  # type: ignore[arg-type] # the same
        return client

    monkeypatch.setattr(session, "create_client", create_client)
    monkeypatch.setattr(function, "get_session", lambda: session)
    for name, value in {
        "CLUSTER": CLUSTER,
        "RULE": RULE,
        "TASKS": TASKS,
        "FEWEST_TASKS": "2",
        "AFTER_IDLE_MINUTES": str(MINUTES),
    }.items():
        monkeypatch.setenv(name, value)
    return aws


def told(do: str) -> dict[str, Any]:
    return {"do": do, "here": HERE}


def test_to_sleep_requests_are_led_away_before_the_tasks_end(aws: Aws) -> None:
    function.handler(told("sleep"), None)
    assert aws.changed == [("leads to", "the function"), ("tasks", 0)]


def test_a_request_wakes_it(aws: Aws) -> None:
    aws.asleep, aws.tasks = True, 0
    answer = function.handler(REQUEST, None)
    assert ("tasks", 2) in aws.changed
    assert aws.asleep
    assert answer
    assert answer["statusCode"] == 503


def test_requests_while_it_wakes_change_nothing(aws: Aws) -> None:
    aws.asleep, aws.tasks, aws.healthy = True, 2, False
    function.handler(REQUEST, None)
    assert aws.changed == []


@pytest.mark.parametrize("event", [REQUEST, told("look"), told("wake")], ids=["request", "look", "wake"])
def test_once_a_task_is_healthy_requests_are_led_to_it(aws: Aws, event: dict[str, Any]) -> None:
    aws.asleep, aws.tasks = True, 2
    function.handler(event, None)
    assert aws.changed == [("leads to", "the tasks")]


def test_it_sleeps_when_nobody_has_asked_for_so_long(aws: Aws) -> None:
    function.handler(told("look"), None)
    assert aws.changed == [("leads to", "the function"), ("tasks", 0)]


@pytest.mark.parametrize(
    ("requests", "minutes_healthy"),
    [((0, 1), MINUTES), ((), 5), ((), 0)],
    ids=["somebody asked", "it has just woken", "no figures"],
)
def test_it_stays_awake(aws: Aws, requests: tuple[int, ...], minutes_healthy: int) -> None:
    aws.requests, aws.minutes_healthy = requests, minutes_healthy
    function.handler(told("look"), None)
    assert aws.changed == []


def test_asleep_it_sleeps_on(aws: Aws) -> None:
    aws.asleep, aws.tasks = True, 0
    function.handler(told("look"), None)
    assert aws.changed == []


def test_tasks_that_somebody_else_has_stopped_are_started(aws: Aws) -> None:
    aws.tasks = 0
    function.handler(told("look"), None)
    assert ("tasks", 2) in aws.changed


def cloudformation(kind: str) -> dict[str, Any]:
    return {"RequestType": kind, "ResourceProperties": {"Here": HERE, "For": "web:2"}}


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    reasons: list[str] = []
    monkeypatch.setattr(function, "answer", lambda _, reason: reasons.append(reason))
    return reasons


def test_a_deployment_wakes_it(aws: Aws, answered: list[str]) -> None:
    aws.asleep, aws.tasks = True, 0
    function.handler(cloudformation("Update"), None)
    assert ("tasks", 2) in aws.changed
    assert answered == [""]


def test_a_first_deployment_changes_nothing(aws: Aws, answered: list[str]) -> None:
    function.handler(cloudformation("Create"), None)
    assert aws.changed == []
    assert answered == [""]


def test_it_is_awake_for_good_when_the_function_goes(aws: Aws, answered: list[str]) -> None:
    aws.asleep, aws.tasks, aws.healthy = True, 0, False
    function.handler(cloudformation("Delete"), None)
    assert (aws.asleep, aws.tasks) == (False, 2)
    assert answered == [""]


def test_a_failure_is_answered_and_not_waited_for(answered: list[str]) -> None:
    function.handler({"RequestType": "Update", "ResourceProperties": {}}, None)
    assert answered[0].startswith("The service could not be woken: ")


@pytest.mark.usefixtures("aws")
def test_a_person_gets_a_page_that_comes_back() -> None:
    answer = function.handler({**REQUEST, "headers": {"accept": "text/html,*/*"}}, None)
    assert answer
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert '<meta http-equiv="refresh" content="5">' in answer["body"]


@pytest.mark.usefixtures("aws")
def test_a_program_gets_the_time_to_wait() -> None:
    answer = function.handler({**REQUEST, "headers": {"accept": "application/json"}}, None)
    assert answer
    assert (answer["headers"]["Retry-After"], json.loads(answer["body"])["status"]) == ("5", 503)
    assert answer["headers"]["Cache-Control"] == "no-store"
