"""Test that an operator lets a service sleep and wakes it, and that status calls a sleeping one well."""

import io
import json
from typing import Any

import pytest

from tests.operate.answers import service, stacks, well
from tests.operate.recorded import Recorded
from tools.operate import sleep, status
from tools.operate.errors import OperateError, UsageError


def recorded(*said: dict[str, Any], failed: str = "", **more: Any) -> Recorded:
    """Return an environment that can sleep; `said` are the answers of its function, in order."""
    answers = list(said)
    described = stacks()
    described["Stacks"][0]["Outputs"] += [
        {"OutputKey": "SleepFunction", "OutputValue": "sleeper"},
        {"OutputKey": "SleepTargets", "OutputValue": "arn:here"},
    ]

    def invoke(_: dict[str, Any]) -> dict[str, Any]:
        error = {"FunctionError": failed} if failed else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answers.pop(0)).encode()), **error}

    return Recorded({**well(), "DescribeStacks": described, "Invoke": invoke, **more})


def told(given: Recorded) -> list[dict[str, str]]:
    return [json.loads(each["Payload"]) for each in given.parameters("Invoke")]


def test_pause_lets_it_sleep_and_says_what_wakes_it(capsys: pytest.CaptureFixture[str]) -> None:
    given = recorded({"asleep": True})
    assert sleep.pause(given.deployed()) == 0
    assert told(given) == [{"do": "sleep", "here": "arn:here"}]
    assert "make resume ENV=dev" in capsys.readouterr().out


def test_resume_waits_until_requests_reach_a_task(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sleep, "POLL_S", 0)
    given = recorded({"asleep": True}, {"asleep": True}, {"asleep": False})
    assert sleep.resume(given.deployed()) == 0
    assert [each["do"] for each in told(given)] == ["wake"] * 3
    assert "is awake: https://www.example.com" in " ".join(capsys.readouterr().out.split())


def test_a_service_that_does_not_wake_is_an_error_with_the_next_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sleep, "_WAKES_WITHIN_S", -1)
    with pytest.raises(OperateError, match="make why ENV=dev"):
        sleep.resume(recorded({"asleep": True}).deployed())


def test_a_failure_of_the_function_is_told_in_its_words() -> None:
    given = recorded({"errorMessage": "AccessDenied on UpdateService"}, failed="Unhandled")
    with pytest.raises(OperateError, match="AccessDenied on UpdateService"):
        sleep.pause(given.deployed())


def test_an_environment_without_sleep_says_what_to_set() -> None:
    with pytest.raises(UsageError, match=r"set sleep=Sleep\(\) in infra/environments.py"):
        sleep.pause(Recorded(well()).deployed())


def test_asleep_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    asleep = service(desiredCount=0, runningCount=0)
    given = recorded(DescribeServices=asleep, ListTasks={"taskArns": []})
    assert status.status(given.deployed()) == 0
    assert "and asleep" in capsys.readouterr().out
