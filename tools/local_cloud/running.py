"""Record the local cloud that runs, or is left over: its processes, ports and environment."""

import shutil
from dataclasses import dataclass
from typing import Any

from tools.local_cloud.cloud import Cloud
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.processes import Started
from tools.local_cloud.state import State

_NAME = "cloud"


@dataclass(frozen=True, kw_only=True)
class Running:
    """A local cloud as `make up` recorded it."""

    environment: str
    region: str
    port: int
    front_port: int
    emulator: Started
    runner: Started | None

    @property
    def stack(self) -> str:
        """Return the name of the deployed stack."""
        return f"Web-{self.environment}"

    @property
    def url(self) -> str:
        """Return the URL that a person opens."""
        return f"http://127.0.0.1:{self.front_port}"

    @property
    def cloud(self) -> Cloud:
        """Return the emulator's APIs."""
        return Cloud(self.port, self.region)

    def save(self, state: State) -> None:
        """Write the record of this local cloud to its state folder."""
        runner = vars(self.runner) if self.runner else None
        state.write(_NAME, {**vars(self), "emulator": vars(self.emulator), "runner": runner})


def recorded(state: State) -> Running | None:
    """Return what was recorded, whether it still runs or not."""
    known: dict[str, Any] | None = state.read(_NAME)
    if not known:
        return None
    runner = Started(**known["runner"]) if known["runner"] else None
    return Running(**{**known, "emulator": Started(**known["emulator"]), "runner": runner})


def required(state: State) -> Running:
    """Return the running local cloud, or say what is missing."""
    known = recorded(state)
    if not known:
        raise LocalCloudError("Nothing runs. Start it with `make up`.")
    for name, process in (("emulator", known.emulator), ("runner", known.runner)):
        if not process or not process.alive():
            raise LocalCloudError(
                f"The {name} has stopped, see {state.logs / name}.log."
                " `make up` starts it again, `make down` cleans up."
            )
    return known


def end_leftovers(state: State) -> int:
    """End every recorded process that still runs; return how many there were."""
    known = recorded(state)
    # End the runner first: it ends its tasks itself, and would replace tasks that something else ends.
    runner = [known.runner] if known and known.runner else []
    emulator = [known.emulator] if known else []
    ended = _end(runner) + end_tasks(state) + _end(emulator)
    state.forget(_NAME)
    return ended


def end_tasks(state: State) -> int:
    """End the tasks that a killed runner left; return how many processes there were."""
    known = state.read("tasks") or {"tasks": []}
    ended = _end([Started(**item) for task in known["tasks"] for item in task["processes"]])
    for folder in (each for task in known["tasks"] for each in task.get("shared", ())):
        shutil.rmtree(folder, ignore_errors=True)
    state.forget("tasks")
    return ended


def _end(processes: list[Started]) -> int:
    left = [process for process in processes if process.members()]
    for process in left:
        process.stop(grace_s=5)
    return len(left)


def tasks(state: State) -> list[dict[str, Any]]:
    """Return the runner's view of its tasks that are not stopped."""
    known = state.read("tasks") or {"tasks": []}
    return [task for task in known["tasks"] if task["status"] != "STOPPED"]
