"""Deploy one dev environment for all tests here, each of which brings it into the state it needs."""

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.local_cloud.load import Load
from tests.local_cloud.release import Edit, release
from tests.wait import wait_for
from tools.local_cloud import running, scale, services, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Dev:
    """The deployed dev environment, and what a test may do with it."""

    state: State

    @property
    def running(self) -> Running:
        """Return the record of the running local cloud."""
        return running.required(self.state)

    @property
    def service(self) -> dict[str, Any]:
        """Return the deployed ECS service."""
        [service] = services.deployed(self.running.cloud)
        return service

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """Return the runner's tasks that serve."""
        return [task for task in running.tasks(self.state) if task["status"] == "RUNNING"]

    def client(self, service: str) -> Any:
        """Return a boto3 client for the emulator."""
        return self.running.cloud.client(service)

    def load(self) -> Load:
        """Return a load through the load balancer; it starts with `with`."""
        return Load(self.running.front_port)

    def scaled(self, tasks: int) -> None:
        """Bring the service to a number of tasks, and wait until they serve."""
        assert scale.scale(self.state, tasks) == 0
        wait_for(lambda: len(self.tasks) == tasks, f"{tasks} tasks")

    def make(self, folder: Path, *, code: str = "", edit: Edit | None = None) -> Path:
        """Make a release; if it has `code`, it differs from every other release."""
        return release(self.state.assembly, folder, code=code and f"{code}  # {next(_numbers)}", edit=edit)

    def operate(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an operator's command as a person would."""
        words = [sys.executable, "-m", "tools.operate", command, "dev", "--local", str(self.state.folder)]
        return subprocess.run(
            [*words, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )

    def roll_out(self, assembly: Path) -> int:
        """Deploy a release with `cdk deploy`; return the exit code of `make deploy LOCAL=1`."""
        return up.roll_out(self.state, self.running, assembly)


def command(state: State, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as `make` does in the background of a shell, which ignores SIGQUIT there."""
    python = [sys.executable, "-m", "tools.local_cloud", "--state", str(state.folder)]
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    try:
        return subprocess.run(
            [*python, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
    finally:
        signal.signal(signal.SIGQUIT, before)


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """Deploy dev with `make up`, and remove it with `make down` at the end."""
    state = State(tmp_path_factory.mktemp("dev"))
    # Tests set the number of tasks themselves, and an autoscaler would change it under a load of theirs.
    done = command(state, "up", "--port", "0", "--speed", "0")
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield Dev(state)
    finally:
        done = command(state, "down")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing is left." in done.stdout
