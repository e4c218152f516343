"""Test a task without a load balancer, such as a queue's worker, which has no health check."""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.wait import wait_for
from tools.local_cloud.runner.containers import Container
from tools.local_cloud.runner.task import Task


def _task(folder: Path, code: str) -> Task:
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


def _until(task: Task, pool: ThreadPoolExecutor, status: str) -> None:
    def reached() -> bool:
        task.step([], pool)
        return task.status == status

    task.start()
    try:
        wait_for(reached, status)
    finally:
        task.kill()


def test_it_runs_once_its_containers_have_lived_a_moment(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    _until(_task(tmp_path, "import time; time.sleep(60)"), pool, "RUNNING")


def test_one_whose_container_ends_at_once_has_failed(tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    task = _task(tmp_path, "raise SystemExit(3)")
    _until(task, pool, "STOPPED")
    assert task.failed
    assert "exited with code 3" in task.reason
