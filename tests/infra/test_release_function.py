"""Test the function that runs the release command, with prepared answers of AWS."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session
from botocore.stub import ANY, Stubber

from infra.release.functions import release as function
from infra.release.functions.one_off import OneOffError
from infra.release.functions.release import due, handler, release

TASK = "arn:aws:ecs:eu-west-1:123456789012:task/web/0123"
STREAM = "release/release/0123"


def client(service: str) -> Any:
    return get_session().create_client(
        service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def ecs() -> Iterator[Stubber]:
    with Stubber(client("ecs")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def logs() -> Iterator[Stubber]:
    with Stubber(client("logs")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def event(
    kind: str = "Create", *, task: str = "release:2", old: str = "release:1", timeout_s: int = 60
) -> Any:
    placement = {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}
    known = {"Cluster": "web", "Container": "release", "LogGroup": "log", "TimeoutS": str(timeout_s)}
    return {
        "RequestType": kind,
        "RequestId": "request-1",
        "StackId": "stack-1",
        "LogicalResourceId": "ReleaseCommand",
        "ResourceProperties": {**known, **placement, "TaskDefinition": task},
        **({"OldResourceProperties": {**known, "TaskDefinition": old}} if kind == "Update" else {}),
    }


def starts(ecs: Stubber) -> None:
    placement = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
    ecs.add_response(
        "run_task",
        {"tasks": [{"taskArn": TASK}], "failures": []},
        {
            "cluster": "web",
            "taskDefinition": "release:2",
            "launchType": "FARGATE",
            "clientToken": "request-1",
            "startedBy": "release",
            "networkConfiguration": {"awsvpcConfiguration": placement},
        },
    )


def described(ecs: Stubber, *containers: dict[str, Any], status: str = "RUNNING", why: str = "") -> None:
    task = {"taskArn": TASK, "lastStatus": status, "stoppedReason": why, "containers": list(containers)}
    ecs.add_response("describe_tasks", {"tasks": [task]}, {"cluster": "web", "tasks": [TASK]})


def says(logs: Stubber, *lines: str) -> None:
    logs.add_response(
        "get_log_events",
        {"events": [{"message": line} for line in lines]},
        {"logGroupName": "log", "logStreamName": STREAM, "limit": 20, "startFromHead": False},
    )


def run(ecs: Stubber, logs: Stubber, **changes: Any) -> None:
    release(event(**changes), ecs.client, logs.client, sleep=lambda _seconds: None)


def test_a_command_that_ends_with_0_lets_the_version_serve(ecs: Stubber, logs: Stubber) -> None:
    starts(ecs)
    ecs.add_response("describe_tasks", {"tasks": [], "failures": [{"reason": "MISSING"}]})
    described(ecs, {"name": "release", "lastStatus": "PENDING"}, status="PROVISIONING")
    # The task stops after its container; the function waits for neither the task nor GuardDuty's container.
    described(ecs, {"name": "aws-guardduty-agent", "exitCode": 137}, {"name": "release", "exitCode": 0})
    run(ecs, logs)
    ecs.assert_no_pending_responses()


def test_another_exit_code_stops_it_with_the_last_lines(ecs: Stubber, logs: Stubber) -> None:
    starts(ecs)
    described(ecs, {"name": "release", "exitCode": 1}, status="STOPPED")
    # The log stream exists only once the awslogs driver has sent its first line.
    logs.add_client_error("get_log_events", "ResourceNotFoundException")
    says(logs, "Running upgrade", "relation does not exist")
    with pytest.raises(OneOffError) as error:
        run(ecs, logs)
    assert str(error.value).splitlines() == [
        "The release command ended with exit code 1. Its last lines, from log group log:",
        "Running upgrade",
        "relation does not exist",
    ]


def test_a_task_that_cannot_start_says_why(ecs: Stubber, logs: Stubber) -> None:
    starts(ecs)
    described(ecs, {"name": "release"}, status="STOPPED", why="CannotPullContainerError: no such image")
    with pytest.raises(OneOffError, match="could not start: CannotPullContainerError: no such image"):
        run(ecs, logs)


def test_a_task_that_nobody_starts_says_why(ecs: Stubber, logs: Stubber) -> None:
    ecs.add_response("run_task", {"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]})
    with pytest.raises(OneOffError, match="could not start: RESOURCE:ENI"):
        run(ecs, logs)


def test_a_command_that_takes_too_long_is_stopped(ecs: Stubber, logs: Stubber) -> None:
    starts(ecs)
    ecs.add_response("stop_task", {}, {"cluster": "web", "task": TASK, "reason": ANY})
    says(logs, "waiting for a lock")
    with pytest.raises(OneOffError) as error:
        run(ecs, logs, timeout_s=0)
    assert "did not end within release_timeout_s (0 s) and was stopped" in str(error.value)
    assert "waiting for a lock" in str(error.value)


def test_a_command_that_says_nothing_fails_all_the_same(ecs: Stubber, logs: Stubber) -> None:
    starts(ecs)
    described(ecs, {"name": "release", "exitCode": 137})
    for _ in range(5):
        logs.add_client_error("get_log_events", "ResourceNotFoundException")
    with pytest.raises(OneOffError, match="exit code 137"):
        run(ecs, logs)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", False),
        ("ROLLBACK_IN_PROGRESS", False),
    ],
)
def test_it_is_due_on_the_way_out_and_not_on_the_way_back(status: str, expected: bool) -> None:
    with Stubber(client("cloudformation")) as stub:
        stack = {"StackName": "Web-prod", "CreationTime": 0, "StackStatus": status}
        stub.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "stack-1"})
        assert due(event("Update"), stub.client) is expected
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (event("Create"), True),
        (event("Delete"), False),
        (event("Update", task="release:2", old="release:2"), False),
    ],
    ids=["first", "deleted", "same-version"],
)
def test_without_a_new_version_nobody_is_asked(given: Any, expected: bool) -> None:
    assert due(given, None) is expected


@pytest.fixture
def answers() -> Iterator[tuple[str, list[bytes]]]:
    """Yield a URL that stands for CloudFormation's, and the list of answers that come to it."""
    came: list[bytes] = []

    class Waiting(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Waiting)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", came
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("problem", "status", "reason"),
    [
        (None, "SUCCESS", ""),
        (OneOffError("ended with exit code 1"), "FAILED", "ended with exit code 1"),
        (KeyError("x"), "FAILED", "The release command could not be run: KeyError('x')"),
        (OneOffError("\n".join(['"ü"' * 40] * 20)), "FAILED", None),
    ],
    ids=["success", "failure", "surprise", "long"],
)
def test_cloudformation_always_gets_an_answer_that_it_takes(
    monkeypatch: pytest.MonkeyPatch,
    answers: tuple[str, list[bytes]],
    problem: Exception | None,
    status: str,
    reason: str | None,
) -> None:
    def released(*_: object) -> None:
        if problem:
            raise problem

    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "eu-west-1")
    monkeypatch.setattr(function, "release", released)
    url, came = answers
    handler({**event(), "ResponseURL": url}, None)
    (answer,) = came
    told = json.loads(answer)
    assert told["Status"] == status
    assert reason is None or told["Reason"] == reason
    # If the id changed, CloudFormation would delete the release under the old id.
    assert told["PhysicalResourceId"] == "ReleaseCommand"
    assert (told["StackId"], told["RequestId"]) == ("stack-1", "request-1")
    assert len(answer) <= 4096
