"""Test that `logs` prints what tasks write: readable, of one task, live, and of the task that ended last."""

import json
import time
from typing import Any

import pytest

from tests.operate.answers import (
    GROUP,
    NOW,
    definition,
    definition_arn,
    of_the_worker,
    stacks,
    tasks,
    well,
    with_a_worker,
)
from tests.operate.recorded import Recorded
from tools.operate.errors import OperateError, UsageError
from tools.operate.log_filter import Wanted
from tools.operate.logs import logs

_LINE = json.dumps(
    {"timestamp": "2026-01-01T03:00:00.000Z", "level": "info", "message": "request", "path": "/x"}
)
_STREAM = "web/web/0123456789abcdef"


def _event(number: int, message: str = _LINE, stream: str = _STREAM) -> dict[str, Any]:
    return {
        "eventId": str(number),
        "timestamp": int(time.time() * 1000) + number,
        "message": message,
        "logStreamName": stream,
    }


def _answers(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        **well(),
        "FilterLogEvents": {"events": list(events)},
        "DescribeLogStreams": {"logStreams": [{"logStreamName": _STREAM}]},
        **more,
    }


def _logs(recorded: Recorded, **options: Any) -> int:
    defaults: dict[str, Any] = {"since": "10m", "follow": False, "task": "", "previous": False, "raw": False}
    return logs(recorded.deployed(), **{**defaults, **options})


def test_json_lines_are_readable_and_name_their_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert _logs(Recorded(_answers(_event(1)))) == 0
    assert capsys.readouterr().out == "01234567 web 03:00:00.000 INFO    request path=/x\n"


def _asked(status: int, request: str) -> str:
    return json.dumps({"message": "request", "request_id": request, "status": status, "path": "/x"})


@pytest.mark.parametrize(
    ("wanted", "shown", "pattern"),
    [
        ({"text": "disk full"}, "3", '"disk full"'),
        ({"request": "b2"}, "2", '{ $.request_id = "b2" }'),
        ({"status": "5xx"}, "2", "{ $.status >= 500 && $.status <= 599 }"),
        ({"status": "404"}, "1", "{ $.status >= 404 && $.status <= 404 }"),
        ({"status": "5xx", "request": "a1"}, "", None),
        ({"text": 'a "quoted" one'}, "", ""),
    ],
)
def test_lines_are_chosen_by_text_request_and_status(
    wanted: dict[str, str], shown: str, pattern: str | None
) -> None:
    lines = (_asked(404, "a1"), _asked(503, "b2"), "the disk full of 404 and 503")
    recorded = Recorded(_answers(*(_event(number, line) for number, line in enumerate(lines, 1))))
    deployed = recorded.deployed()
    logs(deployed, since="1h", follow=False, task="", previous=False, raw=True, wanted=Wanted(**wanted))
    told = [line["message"] for line in deployed.answer]
    assert told == ([lines[int(shown) - 1]] if shown else [])
    [asked] = recorded.parameters("FilterLogEvents")
    assert pattern is None or asked.get("filterPattern", "") == pattern


def test_a_status_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="5xx or a status such as 404, not 'bad'"):
        Wanted(status="bad")


def test_raw_lines_are_as_they_were_written(capsys: pytest.CaptureFixture[str]) -> None:
    line = '{"message": "[bold] :smile:"}'
    _logs(Recorded(_answers(_event(1, line))), raw=True)
    assert capsys.readouterr().out == f"{line}\n"


def test_since_is_how_far_back_it_goes() -> None:
    recorded = Recorded(_answers())
    _logs(recorded, since="2h")
    [asked] = recorded.parameters("FilterLogEvents")
    assert time.time() - asked["startTime"] / 1000 == pytest.approx(7200, abs=60)


def test_a_since_that_is_no_time_is_refused() -> None:
    with pytest.raises(UsageError, match=r"such as 90s, 10m, 2h or 1d, not 'yesterday'"):
        _logs(Recorded(_answers()), since="yesterday")


def test_one_task_is_asked_by_its_streams() -> None:
    recorded = Recorded(_answers(_event(1)))
    _logs(recorded, task="0123")
    prefixes = {asked["logStreamNamePrefix"] for asked in recorded.parameters("DescribeLogStreams")}
    [asked] = recorded.parameters("FilterLogEvents")
    assert (prefixes, asked["logStreamNames"]) == ({"web/web/0123"}, [_STREAM])


def test_an_unknown_task_is_refused_with_those_that_run() -> None:
    with pytest.raises(OperateError, match=rf"begins with 'ff' has written to {GROUP}.* 01234567"):
        _logs(Recorded(_answers(DescribeLogStreams={"logStreams": []})), task="ff")


def test_following_shows_each_line_once_however_late_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, late = _event(5, "first"), _event(9, "second"), _event(7, "late")
    polls = iter([[first], [first, second], [first, late, second]])

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        events = next(polls, None)
        if events is None:
            raise KeyboardInterrupt
        return {"events": events}

    with pytest.raises(KeyboardInterrupt):
        _logs(Recorded(_answers(FilterLogEvents=answer)), follow=True)
    told = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert told == ["first", "second", "late"]


def test_previous_is_the_task_that_died_last_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    died = tasks(stoppedAt=NOW, stoppedReason="Essential container in task exited")
    tail = {"events": [{"message": "the end", "timestamp": 1}]}
    recorded = Recorded(_answers(DescribeTasks=died, GetLogEvents=tail))
    assert _logs(recorded, previous=True) == 0
    assert recorded.parameters("ListTasks")[0]["desiredStatus"] == "STOPPED"
    told = capsys.readouterr().out
    assert "Task 01234567 stopped" in told
    assert "Essential container in task exited" in told
    assert told.endswith("01234567 web the end\n")


def test_previous_finds_a_task_that_ecs_has_forgotten(capsys: pytest.CaptureFixture[str]) -> None:
    def listed(asked: dict[str, Any]) -> dict[str, Any]:
        running = well()["ListTasks"]
        return {"taskArns": []} if asked["desiredStatus"] == "STOPPED" else dict(running)

    streams = {"logStreams": [{"logStreamName": _STREAM}, {"logStreamName": "web/web/feedfeedfeed"}]}
    tail = {"events": [{"message": "the end", "timestamp": 1}]}
    _logs(Recorded(_answers(ListTasks=listed, DescribeLogStreams=streams, GetLogEvents=tail)), previous=True)
    assert "Task feedfeed wrote last of those that run no more" in capsys.readouterr().out


def test_a_task_of_a_service_beside_the_web_service_is_found_by_its_id() -> None:
    worker = definition(revision=9)
    [container] = worker["taskDefinition"]["containerDefinitions"]
    container["name"] = "worker"
    container["logConfiguration"]["options"]["awslogs-stream-prefix"] = "worker"
    recorded = Recorded(
        _answers()
        | with_a_worker()
        | {
            "DescribeTaskDefinition": lambda asked: (
                worker if asked["taskDefinition"] == definition_arn(9) else definition()
            )
        }
    )
    _logs(recorded, task="0123")
    prefixes = [asked["logStreamNamePrefix"] for asked in recorded.parameters("DescribeLogStreams")]
    assert prefixes == ["web/web/0123", "worker/worker/0123"]


def test_metrics_are_left_out_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    metric = json.dumps({"_aws": {"Timestamp": 1}, "message": "metrics", "Requests": 3})
    answers = _answers(_event(1, metric), _event(2, "a line"))
    _logs(Recorded(answers))
    assert capsys.readouterr().out == "01234567 web a line\n"
    _logs(Recorded(answers), metrics=True)
    assert "metrics Requests=3" in capsys.readouterr().out


def test_where_nothing_was_written_it_says_how_to_look_further_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _logs(Recorded(_answers())) == 0
    assert (
        'No line within 10m in /the/log/group. ARGS="--since 3h" looks further back'
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("options", [{}, {"task": "0123"}, {"previous": True}])
def test_after_a_rolled_back_first_deployment_the_log_that_is_left_is_read(
    options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    answers = _answers(
        _event(1, "died"),
        DescribeStacks=stacks("ROLLBACK_COMPLETE", Outputs=[]),
        ListStackResources={"StackResourceSummaries": []},
        DescribeLogGroups={"logGroups": [{"logGroupName": "Web-dev-TaskLog1-X", "creationTime": 1}]},
        GetLogEvents={"events": [{"message": "died", "timestamp": 1}]},
    )
    recorded = Recorded(answers)
    assert _logs(recorded, **options) == 0
    assert "01234567 web died" in capsys.readouterr().out
    assert "Web-dev-TaskLog1-X" in str(recorded.asked)


def test_where_no_task_ever_started_it_says_so() -> None:
    answers = _answers(
        DescribeStacks=stacks("ROLLBACK_COMPLETE", Outputs=[]), DescribeLogGroups={"logGroups": []}
    )
    with pytest.raises(OperateError, match=r"it has no log: no task has started"):
        _logs(Recorded(answers))


def test_the_lines_of_one_worker_are_those_of_its_streams() -> None:
    answers = _answers() | with_a_worker() | {"DescribeTaskDefinition": of_the_worker}
    recorded = Recorded(answers)
    assert _logs(recorded, worker="mail") == 0
    [asked] = recorded.parameters("FilterLogEvents")
    assert asked["logStreamNamePrefix"] == "mail/"


def test_a_worker_that_there_is_not_is_told_with_those_that_there_are() -> None:
    answers = _answers() | with_a_worker() | {"DescribeTaskDefinition": of_the_worker}
    with pytest.raises(UsageError, match="no worker 'post': choose one of mail"):
        _logs(Recorded(answers), worker="post")
