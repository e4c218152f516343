"""Test that `console`, `tunnel` and `psql` ask AWS for the right session, and end what they began."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.operate.answers import CLUSTER, HEAD, definition, service, tasks, well
from tests.operate.recorded import Recorded
from tools.operate import tunnel
from tools.operate.errors import OperateError, UsageError
from tools.operate.own_console import own_console

_SESSION = {"SessionId": "s-1", "TokenValue": "secret", "StreamUrl": "wss://x"}
_TARGET = f"ecs:{CLUSTER}_0123456789abcdef_0123456789abcdef-1"
_HOST = "db.abc.eu-west-1.rds.amazonaws.com"
_DATABASE = {
    "DATABASE_HOST": _HOST,
    "DATABASE_PORT": "5432",
    "DATABASE_NAME": "app",
    "DATABASE_USER": "web",
}


def _recorded(*, database: bool = True, **more: Any) -> Recorded:
    described = definition()
    [web] = described["taskDefinition"]["containerDefinitions"]
    if database:
        web["environment"] += [{"name": name, "value": value} for name, value in _DATABASE.items()]
        web["secrets"] = [{"name": "DATABASE_PASSWORD", "valueFrom": "arn:the-secret"}]
    answers = {
        "DescribeTasks": tasks(enableExecuteCommand=True),
        "DescribeTaskDefinition": described,
        "StartSession": _SESSION,
        "GetSecretValue": {"SecretString": "hunter2"},
    }
    return Recorded({**well(), **answers, **more})


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a plugin and a psql that write down what they get, and return the folder of their notes.

    The plugin stays until it is ended, as AWS's does.
    """
    noted = 'for argument in "$@"; do echo "$argument"; done'
    (tmp_path / "session-manager-plugin").write_text(
        f"#!/bin/sh\n{noted} > {tmp_path}/session\nexec sleep 600\n"
    )
    (tmp_path / "psql").write_text(f"#!/bin/sh\n({noted}; env | grep ^PG) > {tmp_path}/psql-got\nexit 4\n")
    for name in ("session-manager-plugin", "psql"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def _ends_at_once(folder: Path) -> None:
    program = folder / "session-manager-plugin"
    program.write_text(program.read_text().replace("exec sleep 600", "exit 3"))


def test_a_tunnel_is_a_session_through_a_task_to_the_database(programs: Path) -> None:
    _ends_at_once(programs)
    recorded = _recorded()
    assert tunnel.tunnel(recorded.deployed(), to="db", port=15432) == 3
    asked = {
        "Target": _TARGET,
        "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost",
        "Parameters": {"host": [_HOST], "portNumber": ["5432"], "localPortNumber": ["15432"]},
    }
    assert recorded.parameters("StartSession") == [asked]
    session, region, action, _, given, endpoint = (programs / "session").read_text().splitlines()
    assert (json.loads(session), json.loads(given)) == (_SESSION, asked)
    assert (region, action) == ("eu-west-1", "StartSession")
    assert endpoint == "https://ssm.eu-west-1.amazonaws.com"


def test_a_tunnel_leads_wherever_the_tasks_reach(programs: Path) -> None:
    _ends_at_once(programs)
    recorded = _recorded(database=False)
    tunnel.tunnel(recorded.deployed(), to="cache.internal:6379", port=6379)
    [asked] = recorded.parameters("StartSession")
    assert (asked["Parameters"]["host"], asked["Parameters"]["portNumber"]) == (["cache.internal"], ["6379"])


@pytest.mark.parametrize("to", ["cache", "cache.internal:", "a b:1", ":1"])
def test_a_place_that_is_none_is_refused(to: str) -> None:
    with pytest.raises(UsageError, match="TO is db, or a host and a port"):
        tunnel.tunnel(_recorded().deployed(), to=to, port=1)


def test_without_a_database_it_says_so() -> None:
    with pytest.raises(OperateError, match="has no database that the kit knows"):
        tunnel.tunnel(_recorded(database=False).deployed(), to="db", port=1)


def test_psql_gets_the_apps_login_through_a_tunnel_that_ends_with_it(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tunnel, "_answers", lambda _: True)
    recorded = _recorded()
    assert tunnel.psql(recorded.deployed(), sql="select 1") == 4
    [asked] = recorded.parameters("StartSession")
    [port] = asked["Parameters"]["localPortNumber"]
    got = (programs / "psql-got").read_text().splitlines()
    assert got[:2] == ["--command", "select 1"]
    assert {"PGHOST=127.0.0.1", f"PGPORT={port}", "PGUSER=web", "PGDATABASE=app"} <= {*got}
    assert {"PGPASSWORD=hunter2", "PGSSLMODE=require"} <= {*got}
    assert recorded.parameters("GetSecretValue") == [{"SecretId": "arn:the-secret"}]
    told = capfd.readouterr()
    assert "hunter2" not in told.out + told.err


def test_a_tunnel_that_does_not_open_is_told(programs: Path) -> None:
    _ends_at_once(programs)
    with pytest.raises(OperateError, match=r"did not open\. `make tunnel` shows what it says"):
        tunnel.psql(_recorded().deployed(), sql="")


def test_a_port_that_listens_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert tunnel._answers(server.getsockname()[1])


def _console(*, state: str = "RUNNING", **more: Any) -> Recorded:
    agent = {"name": "ExecuteCommandAgent", "lastStatus": state}
    web = {"name": "web", "runtimeId": "0123456789abcdef-1", "managedAgents": [agent]}
    return _recorded(
        DescribeServices=service(enableExecuteCommand=True),
        RunTask={"tasks": [{"taskArn": f"{HEAD}:task/{CLUSTER}/0123456789abcdef"}], "failures": []},
        DescribeTasks=tasks(containers=[web], **more),
        ExecuteCommand={"session": {"sessionId": "s-1"}},
        StopTask={},
    )


def test_a_console_is_a_task_of_its_own_that_ends_with_the_session(programs: Path) -> None:
    _ends_at_once(programs)
    recorded = _console()
    assert own_console(recorded.deployed(), command="flask shell", minutes=20) == 3
    [started] = recorded.parameters("RunTask")
    assert started["enableExecuteCommand"] is True
    # It ends by itself, too.
    assert started["overrides"]["containerOverrides"] == [{"name": "web", "command": ["sleep", "1200"]}]
    [entered] = recorded.parameters("ExecuteCommand")
    assert (entered["command"], entered["task"]) == ("flask shell", "0123456789abcdef")
    assert len(recorded.parameters("StopTask")) == 1


@pytest.mark.usefixtures("programs")
def test_a_console_whose_task_does_not_run_says_why_and_leaves_nothing() -> None:
    recorded = _console(lastStatus="STOPPED", stoppedReason="CannotPullContainerError")
    with pytest.raises(OperateError, match="The task did not run: CannotPullContainerError"):
        own_console(recorded.deployed(), command="flask shell", minutes=20)
    assert len(recorded.parameters("StopTask")) == 1


@pytest.mark.usefixtures("programs")
def test_where_sessions_are_off_no_task_is_started() -> None:
    recorded = _recorded()
    with pytest.raises(OperateError, match="set execute_command=True"):
        own_console(recorded.deployed(), command="flask shell", minutes=20)
    assert recorded.parameters("RunTask") == []
