"""Test `make run`: the proxy and the app of a task definition in one terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.environments import DEV
from tests.service.gunicorn_process import PATIENCE_S, ROOT, Server, free_port
from tests.wait import wait_for

# The synth of this checkout's dev, by `make` before these tests.
SYNTH = ROOT / "cdk.out" / "manifest.json"
pytestmark = pytest.mark.skipif(not SYNTH.exists(), reason="no synth: run `make synth`")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    port = free_port()
    out, err = tmp_path / "out", tmp_path / "err"
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": f"{ROOT}/service/src:{ROOT}"}
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.run", DEV.name, "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    server = Server(process, port, out, err)
    try:
        wait_for(lambda: server.answers() or process.poll() is not None, "an answer")
        assert process.poll() is None, err.read_text()
        yield server
    finally:
        for each in children(process.pid):
            each.kill()
        process.kill()
        process.wait()


def children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_the_proxy_answers_for_the_app(running: Server) -> None:
    answer, _ = running.get("/version")
    assert (answer.status, answer.headers["Server"]) == (200, "nginx")


@pytest.mark.parametrize("ctrl_c", [True, False], ids=["Ctrl-C", "SIGTERM"])
def test_both_end_and_leave_nothing_behind(running: Server, tmp_path: Path, ctrl_c: bool) -> None:
    started = children(running.process.pid)
    assert len(started) >= 4  # the script, nginx, Gunicorn and its workers
    if ctrl_c:  # a terminal sends it to the whole group
        os.killpg(running.process.pid, signal.SIGINT)
    else:
        running.process.terminate()
    assert running.process.wait(2 * PATIENCE_S) == 0
    wait_for(lambda: not any(each.is_running() for each in started), "the end of all processes")
    assert not list(tmp_path.glob("make-run-*"))


def test_refusals_of_the_proxy_are_shown_too(running: Server) -> None:
    running.raw(b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    wait_for(lambda: '"logger":"proxy.access"' in running.stdout.read_text(), "the line")
