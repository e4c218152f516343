"""Test that `run-task` runs one command as the service would, streams its output, and ends as it ends."""

from typing import Any

import pytest

from tests.operate.answers import GROUP, NOW, definition_arn, service, tasks, well
from tests.operate.recorded import Recorded, Refusal
from tools.operate.errors import OperateError, UsageError
from tools.operate.run_task import run_task

_COMMAND = ["flask", "db", "upgrade"]


def _ended(code: int | None = 0, **more: Any) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "web"}
    if code is not None:
        container["exitCode"] = code
    return tasks(lastStatus="STOPPED", stoppedAt=NOW, containers=[container], **more)


def _recorded(**more: Any) -> Recorded:
    lines = iter([["one", "two"]])
    return Recorded(
        {
            **well(),
            "RunTask": {**tasks(), "failures": []},
            "DescribeTasks": _ended(),
            "GetLogEvents": lambda _: {
                "events": [{"message": line, "timestamp": 1} for line in next(lines, [])],
                "nextForwardToken": "f/1",
            },
            "StopTask": {},
            **more,
        }
    )


def _run(recorded: Recorded, container: str = "web") -> int:
    return run_task(recorded.deployed(), command=_COMMAND, container=container, raw=False)


def test_it_has_the_services_own_definition_network_and_container() -> None:
    recorded = _recorded()
    _run(recorded)
    [asked] = recorded.parameters("RunTask")
    [described] = service()["services"]
    assert asked["taskDefinition"] == definition_arn(2)
    assert asked["networkConfiguration"] == described["networkConfiguration"]
    assert asked["overrides"] == {"containerOverrides": [{"name": "web", "command": _COMMAND}]}


def test_it_is_on_demand_so_that_spot_takes_no_migration_back() -> None:
    recorded = _recorded()
    _run(recorded)
    [asked] = recorded.parameters("RunTask")
    assert asked["launchType"] == "FARGATE"
    assert "capacityProviderStrategy" not in asked


@pytest.mark.parametrize("code", [0, 7])
def test_its_exit_code_is_the_tasks(code: int) -> None:
    assert _run(_recorded(DescribeTasks=_ended(code))) == code


def test_what_it_writes_is_streamed_once(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = _recorded()
    _run(recorded)
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line in {"one", "two"}] == ["one", "two"]
    asked = recorded.parameters("GetLogEvents")[0]
    assert (asked["logGroupName"], asked["logStreamName"]) == (GROUP, "web/web/0123456789abcdef")


def test_a_command_that_writes_nothing_is_no_error() -> None:
    nothing = Refusal("ResourceNotFoundException", "The specified log stream does not exist.")
    assert _run(_recorded(GetLogEvents=nothing)) == 0


def test_ctrl_c_stops_the_task(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: dict[str, Any]) -> dict[str, Any]:
        raise KeyboardInterrupt

    recorded = _recorded(DescribeTasks=interrupted)
    assert _run(recorded) == 130
    [asked] = recorded.parameters("StopTask")
    assert asked["task"].endswith("/0123456789abcdef")
    assert "task 01234567 was told to stop" in capsys.readouterr().err


def test_a_task_that_never_ran_says_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    reason = "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException"
    failed = _ended(None, stopCode="TaskFailedToStart", stoppedReason=reason)
    assert _run(_recorded(DescribeTasks=failed)) == 1
    told = capsys.readouterr().err
    assert reason in told
    assert "The execution role may not read a secret" in told


def test_a_task_that_ecs_does_not_start_says_why() -> None:
    failures = [{"reason": "Capacity is unavailable at this time."}]
    with pytest.raises(OperateError, match=r"ECS started no task: Capacity is unavailable.*Wait, add"):
        _run(_recorded(RunTask={"tasks": [], "failures": failures}))


def test_an_unknown_container_is_refused_before_anything_starts() -> None:
    recorded = _recorded()
    with pytest.raises(UsageError, match="no container 'wbe': choose one of web"):
        _run(recorded, container="wbe")
    assert recorded.parameters("RunTask") == []
