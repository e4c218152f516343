"""Test a task without a load balancer, such as a queue's worker: it lives as its container's check says."""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.wait import wait_for
from tools.local_cloud.runner.container_health import Check
from tools.local_cloud.runner.containers import Container
from tools.local_cloud.runner.task import Task


def _check(code: str) -> Check | None:
    words = ["CMD", sys.executable, "-S", "-c", code]
    return Check.of({"healthCheck": {"command": words, "interval": 0.01, "retries": 2}})


def _task(folder: Path, code: str, *, check: Check | None = None) -> Task:
    container = Container(
        name="worker",
        command=(sys.executable, "-c", code),
        folder=folder,
        environment={},
        essential=True,
        stop_timeout_s=5,
        log_group="",
        log_stream_prefix="",
        stop_signal=signal.SIGTERM,
        after=(),
        check=check,
    )
    return Task(
        id="0" * 32,
        definition="worker:1",
        deployment="ecs-svc/1",
        zone="eu-west-1a",
        port=0,
        balanced=None,
        containers=[container],
        logs=folder,
        start_limit_s=15,
    )


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Yield the threads that health checks would run in."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


def _reached(task: Task, pool: ThreadPoolExecutor, status: str) -> bool:
    task.step([], pool)
    return task.status == status


def _until(task: Task, pool: ThreadPoolExecutor, status: str) -> None:
    task.start()
    try:
        wait_for(lambda: _reached(task, pool, status), status)
    finally:
        task.kill()


def test_it_runs_once_its_containers_have_lived_a_moment(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    _until(_task(tmp_path, "import time; time.sleep(60)"), pool, "RUNNING")


def test_one_whose_container_ends_at_once_has_failed(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    task = _task(tmp_path, "raise SystemExit(3)")
    _until(task, pool, "STOPPED")
    assert task.failed
    assert "exited with code 3" in task.reason


def test_one_whose_check_passes_runs(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    task = _task(tmp_path, "import time; time.sleep(60)", check=_check("pass"))
    _until(task, pool, "RUNNING")
    assert [each.status for each in task.health] == ["HEALTHY"]


def test_one_whose_check_never_passes_has_failed(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    task = _task(tmp_path, "import time; time.sleep(60)", check=_check("raise SystemExit(1)"))
    _until(task, pool, "STOPPED")
    assert (task.failed, task.stopped_reason) == (True, "Task failed container health checks")


def test_one_that_hangs_is_ended_once_its_heartbeat_is_too_old(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    beat = tmp_path / "beat"
    beat.touch()
    code = f"import os,sys; sys.exit(not os.path.exists({str(beat)!r}))"
    task = _task(tmp_path, "import time; time.sleep(60)", check=_check(code))
    task.start()
    try:
        wait_for(lambda: _reached(task, pool, "RUNNING"), "the heartbeat")
        beat.unlink()
        wait_for(lambda: _reached(task, pool, "STOPPED"), "the end")
    finally:
        task.kill()
    assert task.failed


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"command": ["CMD-SHELL", "test -f x"]}, ("/bin/sh", "-c", "test -f x")),
        ({"command": ["NONE"]}, None),
        (None, None),
    ],
)
def test_a_check_is_read_as_docker_reads_it(
    check: dict[str, object] | None, words: tuple[str, ...] | None
) -> None:
    found = Check.of({"healthCheck": check} if check else {})
    assert (found.command if found else None) == words
