"""Show what runs locally and what it writes (`make status-local`, `make logs-local`)."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools import causes
from tools.assembly import templates
from tools.local_cloud import images, running, services
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.logs import tail
from tools.local_cloud.running import Running
from tools.local_cloud.state import REPOSITORY, State
from tools.log_lines import readable
from tools.show import console, table
from tools.summary import monthly

_FIRST_LINES = 20
_POLL_S = 0.3
_MOST_FILES = 10


def status(state: State) -> int:
    """Show the local cloud; the exit code is 0 when every service runs its desired count."""
    known = running.required(state)
    show(state, known)
    return 0 if services.wait_until_steady(known, within_s=0) else 1


def show(state: State, known: Running) -> None:
    """Print the stack's outputs and the tasks."""
    stacks = known.cloud.client("cloudformation").describe_stacks()["Stacks"]
    for stack in stacks:
        if stack["StackName"] == known.stack:
            outputs = [[item["OutputKey"], item["OutputValue"]] for item in stack.get("Outputs", [])]
            outputs += _costs(state, known)
            table(f"{known.stack}: {stack['StackStatus']}", ["Output", "Value"], outputs)
    if found := images.written(state.images):
        console.print(
            "[red]Written beside the code, which fails in AWS:[/]",
            *(_short(path) for path in found[:_MOST_FILES]),
            "Write below /tmp instead; a sidecar can have writable_paths.",
            sep="\n  ",
        )
    if not running.tasks(state):
        console.print("No task runs.")
        return
    healthy = _target_states(known)
    rows = [_row(task, healthy) for task in running.tasks(state)]
    columns = ["Task", "Service", "Zone", "Version", "Status", "Target", "Port", "Processes", "Log"]
    table(f"Tasks behind {known.url}", columns, rows)


def _costs(state: State, known: Running) -> list[list[str]]:
    """Return a row with what AWS would ask for the environment, where its template is a kit's."""
    made = templates(state.assembly) if (state.assembly / "manifest.json").exists() else {}
    found = made.get(known.environment)
    if not found or "ServiceName" not in found.get("Outputs", {}):
        return []
    return [["USD a month in AWS", f"{monthly(found, region=known.region)} at list prices"]]


def show_failure(state: State, environment: str) -> None:
    """Say why the last deployment failed: cause and fix, then the last lines of the task that failed."""
    failure = state.read("failure")
    if not failure:
        console.print("[red]The deployment failed.[/]")
        # No task of a service did: CloudFormation knows more, of a release command for example.
        why = [sys.executable, "-m", "tools.operate", "why", environment, "--local", str(state.folder)]
        subprocess.run(why, cwd=REPOSITORY, check=False)
        return
    console.print(f"[red]The deployment failed:[/] {failure['reason']}")
    if known := causes.of(_evidence(failure)):
        console.print(f"[bold]Cause[/]  {known.cause}", f"[bold]Fix[/]    {known.fix}", sep="\n")
    if failure["log"]:
        console.print(f"The last lines of task {failure['task'][:8]}:")
        for line in failure["log"]:
            console.print(f"  {line}", markup=False)


def _evidence(failure: dict[str, Any]) -> Iterator[str]:
    """Yield what the runner knows of a failed task, as the signatures of causes expect it."""
    yield f"task: {failure['stop_code']}: {failure['stopped_reason']}"
    for kind, key in (("event", "events"), ("container", "containers"), ("log", "log")):
        yield from (f"{kind}: {line}" for line in failure[key])


def _target_states(known: Running) -> dict[int, str]:
    elb = known.cloud.client("elbv2")
    return {
        item["Target"]["Port"]: item["TargetHealth"]["State"]
        for group in elb.describe_target_groups()["TargetGroups"]
        for item in elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
            "TargetHealthDescriptions"
        ]
    }


def _row(task: dict[str, Any], healthy: dict[int, str]) -> list[str]:
    pids = ", ".join(str(process["pid"]) for process in task["processes"])
    logs = ", ".join(_short(Path(log)) for log in task["logs"])
    # A service without a load balancer is no target and has no port.
    target = healthy.get(task["port"], "not registered") if task["port"] else "-"
    place = [task["id"][:8], task["service"], task["zone"], task["version"], task["status"]]
    return [*place, target, str(task["port"] or "-"), pids, logs]


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def follow(state: State, *, task: str, worker: str, once: bool, metrics: bool) -> int:
    """Print the logs of a task, a worker, or of all, and go on until Ctrl-C; metrics only where asked."""
    running.required(state)
    read: dict[Path, int] = {}
    while True:
        for path in _logs(state, task, worker, first=not read):
            if path not in read:
                read[path] = path.stat().st_size if path.exists() else 0
                for line in tail(path, _FIRST_LINES, metrics=metrics):
                    _print(path, line)
            else:
                read[path] = _more(path, read[path], metrics=metrics)
        if once:
            return 0
        time.sleep(_POLL_S)


def _logs(state: State, task: str, worker: str, *, first: bool) -> list[Path]:
    known = running.tasks(state)
    chosen = [item for item in known if item["id"].startswith(task)]
    if first and task and not chosen:
        names = ", ".join(item["id"][:8] for item in known) or "none"
        raise LocalCloudError(f"No running task begins with '{task}'. Running tasks: {names}.")
    logs = [Path(log) for item in chosen for log in item["logs"]]
    found = [log for log in logs if not worker or container_of(log) == worker]
    if first and worker and not found:
        raise LocalCloudError(
            f"No task of a worker '{worker}' runs: `make status-local` shows those that do."
        )
    return found


def container_of(log: Path) -> str:
    """Return the container that writes a log file."""
    return log.stem.partition("-")[2]


def _more(path: Path, begin: int, *, metrics: bool) -> int:
    with path.open("rb") as file:
        if path.stat().st_size < begin:
            begin = 0  # the log was cut
        file.seek(begin)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        for shown in readable(line, metrics=metrics):
            _print(path, shown)
    return begin + len(whole)


def _print(path: Path, line: str) -> None:
    console.print(f"[cyan]{path.stem.partition('-')[0]} {container_of(path)}[/]", end=" ")
    console.print(line, markup=False)
