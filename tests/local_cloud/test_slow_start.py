"""Test how long a new task may take to answer its first health check."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from tests.wait import wait_for
from tools.local_cloud.runner.deployed import Balanced, HealthCheck
from tools.local_cloud.runner.targets import Targets
from tools.local_cloud.runner.task import Task

_CHECK = HealthCheck(
    protocol="HTTP", path="/healthz", codes="200", interval_s=1, timeout_s=1, unhealthy_threshold=2
)


@pytest.fixture
def port() -> Iterator[int]:
    """Take connections, and answer none, as Gunicorn does while an app is imported."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _ends(task: Task) -> float:
    """Return after how many seconds of its start the task is given up."""
    targets = Targets(MagicMock(), "t")
    with ThreadPoolExecutor(1) as pool:
        task.start()
        began = time.monotonic()

        def given_up() -> bool:
            task.step([targets], pool)
            return task.status != "PENDING"

        wait_for(given_up, "the end of the task")
        return time.monotonic() - began


def _task(port: int, folder: Path) -> Task:
    return Task(
        id="0" * 32,
        definition="web:1",
        deployment="ecs-svc/1",
        zone="eu-west-1a",
        port=port,
        balanced=Balanced(target_group="t", container="web", port=80, drain_s=0, check=_CHECK),
        containers=[],
        logs=folder,
        start_limit_s=0.5,
        grace_s=3,
    )


def test_an_app_that_takes_connections_has_the_grace_period(port: int, tmp_path: Path) -> None:
    assert _ends(_task(port, tmp_path)) >= 3


def test_one_that_refuses_connections_has_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    assert _ends(_task(free, tmp_path)) < 3
