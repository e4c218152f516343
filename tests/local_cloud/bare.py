"""Start an emulator with nothing deployed, and a runner if asked for: `python -m tests.local_cloud.bare`."""

import subprocess
import sys
from pathlib import Path

from tools.local_cloud import emulator_process, runner_process
from tools.local_cloud.running import Running, recorded
from tools.local_cloud.state import REPOSITORY, State


def bare(state: State, region: str, *, runner: bool) -> Running:
    """Start emulator and runner from a separate process, as `make up` does, so that they outlive it."""
    _run(state, "emulator", region)
    if runner:
        restart_runner(state)
    known = recorded(state)
    assert known
    return known


def restart_runner(state: State) -> None:
    """Start the runner as the next `make up` would."""
    _run(state, "runner")


def _run(state: State, *arguments: str) -> None:
    command = [sys.executable, "-m", "tests.local_cloud.bare", str(state.folder), *arguments]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def _start_emulator(state: State, region: str) -> None:
    emulator, port, front = emulator_process.start(state, 0)
    Running(
        environment="dev", region=region, port=port, front_port=front, emulator=emulator, runner=None
    ).save(state)


if __name__ == "__main__":
    folder, what, *rest = sys.argv[1:]
    if what == "emulator":
        _start_emulator(State(Path(folder)), rest[0])
    elif known := recorded(State(Path(folder))):
        runner_process.ensure(State(Path(folder)), known)
