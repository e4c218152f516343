"""An emulator with nothing deployed, and a runner where asked for: `python -m tests.local_cloud.bare`."""

import subprocess
import sys
from pathlib import Path

from tools.local_cloud import emulator_process, up
from tools.local_cloud.running import Running, recorded
from tools.local_cloud.state import REPOSITORY, State


def bare(state: State, region: str, *, runner: bool) -> Running:
    """Start them from a process of their own, as `make up` does, so that they outlive it."""
    command = [sys.executable, "-m", "tests.local_cloud.bare", str(state.folder), region]
    subprocess.run([*command, *(["runner"] if runner else [])], cwd=REPOSITORY, check=True)
    known = recorded(state)
    assert known
    return known


if __name__ == "__main__":
    state, region = State(Path(sys.argv[1])), sys.argv[2]
    emulator, port, front = emulator_process.start(state, 0)
    known = Running(
        environment="dev", region=region, port=port, front_port=front, emulator=emulator, runner=None
    )
    known.save(state)
    if sys.argv[3:]:
        up.with_runner(state, known)
