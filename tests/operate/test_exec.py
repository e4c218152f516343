"""Test that `exec` starts AWS's own plugin, and says what is missing where it cannot."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.operate.answers import CLUSTER, tasks, well
from tests.operate.recorded import Recorded
from tools.operate.errors import OperateError, UsageError
from tools.operate.shell import shell

_SESSION = {"sessionId": "s-1", "streamUrl": "wss://x", "tokenValue": "secret"}


def _recorded(*, enabled: bool = True) -> Recorded:
    return Recorded(
        {
            **well(),
            "DescribeTasks": tasks(enableExecuteCommand=enabled),
            "ExecuteCommand": {"session": _SESSION},
        }
    )


def _shell(recorded: Recorded, *, task: str = "", container: str = "web") -> int:
    return shell(recorded.deployed(), task=task, container=container, command="/bin/sh")


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a plugin that writes down its arguments and ends with exit code 3."""
    noted = tmp_path / "noted"
    program = tmp_path / "session-manager-plugin"
    program.write_text(f'#!/bin/sh\nfor argument in "$@"; do echo "$argument" >> {noted}; done\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return noted


def test_the_plugin_gets_the_session_and_its_exit_code_is_ours(plugin: Path) -> None:
    recorded = _recorded()
    assert _shell(recorded) == 3
    session, region, action, _, target, endpoint = plugin.read_text().splitlines()
    assert json.loads(session) == _SESSION
    assert (region, action) == ("eu-west-1", "StartSession")
    assert json.loads(target) == {"Target": f"ecs:{CLUSTER}_0123456789abcdef_0123456789abcdef-1"}
    assert endpoint == "https://ssm.eu-west-1.amazonaws.com"
    [asked] = recorded.parameters("ExecuteCommand")
    assert (asked["container"], asked["command"], asked["interactive"]) == ("web", "/bin/sh", True)


def test_without_the_plugin_it_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    recorded = _recorded()
    with pytest.raises(
        OperateError, match=r"session-manager-plugin is not installed here.*https://docs\.aws"
    ):
        _shell(recorded)
    assert recorded.parameters("ExecuteCommand") == []


def test_where_exec_is_off_it_says_how_to_switch_it_on_and_what_helps_meanwhile() -> None:
    with pytest.raises(
        OperateError, match=r"set execute_command=True for it in infra/environments\.py.*make run-task"
    ):
        _shell(_recorded(enabled=False))


def test_an_unknown_task_is_refused_with_those_that_run() -> None:
    with pytest.raises(OperateError, match=r"No task that begins with 'ff' runs\. Tasks that run: 01234567"):
        _shell(_recorded(), task="ff")


def test_an_unknown_container_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no container 'wbe': choose one of web"):
        _shell(_recorded(), container="wbe")


def test_the_token_of_the_session_is_not_printed(plugin: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _shell(_recorded())
    said: Any = capfd.readouterr()
    assert "secret" not in said.out + said.err
    assert subprocess.run(["test", "-s", plugin], check=False).returncode == 0
