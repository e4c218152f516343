"""Test a real Gunicorn from its start to its end."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for


def test_sigterm_lets_a_request_in_flight_finish_and_exits_0(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1")
    connection = server.connect()
    connection.request("GET", "/one-second")
    server.get("/version")  # accepted after it by the same worker, so the long request is in flight now
    server.signal(signal.SIGTERM)
    wait_for(lambda: server.lines_with(message="Handling signal: term"), "the stop")
    assert connection.getresponse().status == 200
    connection.close()
    assert server.process.wait(PATIENCE_S) == 0
    messages = [line["message"] for line in server.lines()]
    assert messages[0].startswith("Starting gunicorn")
    assert messages[-1] == "Shutting down: Master"
    assert server.stderr.read_text() == ""


def test_sighup_replaces_the_workers_and_keeps_answering(started: Callable[..., Server]) -> None:
    server = started()
    wait_for(lambda: server.count("Booting worker") == 2, "the second worker")
    refused = 0
    server.signal(signal.SIGHUP)

    def replaced() -> bool:
        nonlocal refused
        refused += not server.answers()
        return server.count("Worker exiting") == 2

    wait_for(replaced, "the end of the first workers")
    assert refused == 0
    assert server.answers()


@pytest.mark.parametrize("name", ["VERSION", "GUNICORN_TIMEOUT_S"])
def test_a_missing_variable_stops_the_start_with_one_line(launch: Callable[..., Server], name: str) -> None:
    server = launch(**{name: None})
    assert server.process.wait(PATIENCE_S) == 1
    (line,) = server.stderr.read_text().splitlines()
    assert line.startswith(f"service cannot start: {name} is not set (allowed: ")
    assert server.stdout.read_text() == ""


@pytest.mark.parametrize(("name", "value"), [("WEB_CONCURRENCY", "7"), ("GUNICORN_CMD_ARGS", "--workers=7")])
def test_gunicorns_own_variables_cannot_disagree(
    launch: Callable[..., Server], name: str, value: str
) -> None:
    server = launch(**{name: value})
    assert server.process.wait(PATIENCE_S) == 1
    assert server.stderr.read_text().startswith(f"service cannot start: {name}='{value}' (allowed: unset")


def test_a_port_in_use_stops_the_start_with_one_line(launch: Callable[..., Server]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        server = launch(PORT=port)
        assert server.process.wait(PATIENCE_S) == 1
    (line,) = server.stderr.read_text().splitlines()
    assert line.startswith(f"service cannot start: HOST=127.0.0.1 PORT={port} cannot be listened on: ")
    assert [line["message"] for line in server.lines()] == ["Starting gunicorn 27.0.1"]


def test_an_app_that_raises_at_import_ends_the_server(launch: Callable[..., Server], tmp_path: Path) -> None:
    (tmp_path / "broken_app.py").write_text("raise RuntimeError('no such table')")
    server = launch("--pythonpath", str(tmp_path), "broken_app:app", GUNICORN_WORKERS="1")
    assert server.process.wait(PATIENCE_S) != 0
    assert any("RuntimeError: no such table" in line.get("exception", "") for line in server.lines())
    assert "Shutting down: Master" in {line["message"] for line in server.lines()}


def test_a_worker_that_is_killed_is_replaced(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1")
    pid = int(server.lines_with(logger="gunicorn.error")[-1]["message"].rpartition(" ")[2])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: server.count("Booting worker") == 2, "a new worker")
    wait_for(server.answers, "an answer")
