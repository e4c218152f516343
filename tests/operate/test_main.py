"""Test that an error before a command begins is one line that says what to do, and an exit code."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
)
from botocore.parsers import ResponseParserError

from tests.operate.answers import stacks, well
from tests.operate.recorded import Answer, Recorded, Refusal
from tools.operate import __main__ as command_line
from tools.operate import run_task
from tools.operate.errors import NotDeployedError, in_one_line

_ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = (
    "status",
    "why",
    "logs",
    "secret",
    "secrets",
    "exec",
    "run-task",
    "rollback",
    "maintenance-on",
    "maintenance-off",
    "destroy",
)


def _operate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person without credentials would."""
    return subprocess.run(
        [sys.executable, "-m", "tools.operate", *arguments],
        cwd=_ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nowhere",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "No AWS credentials were found. Log in"),
        (SSOTokenLoadError(error_msg="expired"), "Log in (`aws sso login`)"),
        (ProfileNotFound(profile="x"), "aws configure list-profiles"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS does not answer"),
        (_refused("ExpiredToken"), "does not accept the credentials (ExpiredToken). Log in"),
        (_refused("AccessDenied", "User x is not"), "may not call DescribeStacks: User x is not"),
        (_refused("Throttling", "Rate exceeded"), "refused DescribeStacks (Throttling): Rate exceeded"),
        (ResponseParserError("<html>"), "not AWS answered"),
    ],
)
def test_every_way_not_to_reach_aws_says_what_to_do(error: Any, says: str) -> None:
    said = in_one_line(error)
    assert says in said
    assert "\n" not in said


def test_a_stack_that_is_not_there_is_told_with_account_and_region() -> None:
    answers: dict[str, Answer | Refusal] = {
        "DescribeStacks": Refusal("ValidationError", "Stack with id Web-dev does not exist"),
        "GetCallerIdentity": {"Account": "123456789012"},
    }
    with pytest.raises(
        NotDeployedError, match=r"Web-dev is not deployed in account 123456789012, region eu-we"
    ):
        Recorded(answers).deployed().service()


def test_a_stack_without_outputs_leads_to_why() -> None:
    half: dict[str, Answer | Refusal] = {
        "DescribeStacks": stacks("ROLLBACK_COMPLETE", Outputs=[]),
        "ListStackResources": {"StackResourceSummaries": []},
    }
    with pytest.raises(NotDeployedError, match=r"ROLLBACK_COMPLETE .*`make why ENV=dev`"):
        Recorded(half).deployed().service()


def test_a_service_deleted_by_hand_leads_to_drift() -> None:
    with pytest.raises(NotDeployedError, match="cdk drift Web-dev"):
        Recorded({**well(), "DescribeServices": {"services": []}}).deployed().service()


def test_the_clients_repeat_what_aws_was_too_busy_for() -> None:
    config = Recorded({}).deployed().client("ecs").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 5}


def test_an_unknown_environment_is_refused_with_those_there_are() -> None:
    done = _operate("status", "live")
    assert done.returncode == 2
    assert "no environment 'live': choose one of dev, staging, prod" in done.stderr


def test_without_credentials_there_is_one_line_and_no_colour() -> None:
    done = _operate("status", "dev")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "No AWS credentials were found" in done.stderr
    assert "\x1b" not in done.stderr


def test_without_a_local_cloud_local_says_how_to_start_one(tmp_path: Path) -> None:
    done = _operate("status", "dev", "--local", str(tmp_path))
    assert done.returncode == 1
    assert "Start it with `make up`" in done.stderr


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m tools.operate {name}" in capsys.readouterr().out


def test_the_exit_codes_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["--help"])
    assert "Exit codes: 0 done or well, 1 failed or not well, 2 wrong usage" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "code"), [("logs", 0), ("status", 130)])
def test_ctrl_c_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "_asked", interrupted)
    assert command_line.main([name, "dev"]) == code


def test_what_run_task_is_to_run_keeps_its_own_options(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def run(_: object, *, command: list[str], **__: object) -> int:
        seen.append(command)
        return 0

    monkeypatch.setattr(run_task, "run_task", run)
    assert command_line.main(["run-task", "dev", "--", "python", "-c", "print()", "--help"]) == 0
    assert seen == [["python", "-c", "print()", "--help"]]
