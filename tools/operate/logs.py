"""Print what the tasks write, or what the task that died last wrote (`make logs`)."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from tools.log_lines import readable
from tools.operate import waiting, workers
from tools.operate.ages import age
from tools.operate.deployed import Deployed, short
from tools.operate.errors import OperateError, UsageError
from tools.operate.log_filter import Wanted
from tools.show import console

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
_STREAMS_AT_ONCE = 100
# Lines arrive some seconds late and out of order: each poll looks back, and skips what it has shown.
_LOOK_BACK_MS = 30_000
_LAST_LINES = 200
# ECS's reasons for stopping a task on purpose begin like this.
_MEANT = ("Scaling activity initiated", "Task stopped by", "Service deleted")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


_ALL = Wanted()


class Line(TypedDict):
    """A line, with the task and the container that wrote it."""

    time: str
    task: str
    container: str
    message: str


def logs(
    deployed: Deployed,
    *,
    since: str,
    follow: bool,
    task: str,
    worker: str = "",
    previous: bool,
    raw: bool,
    metrics: bool = False,
    wanted: Wanted = _ALL,
) -> int:
    """Print log lines, those of metrics only where asked; go on until Ctrl-C where asked to follow."""
    deployed.answer = []
    if previous:
        return _previous(deployed, raw=raw)
    begin_ms = int((datetime.now(UTC) - span(since)).timestamp() * 1000)
    group = deployed.log_group
    streams = _streams(deployed, group, task) if task else []
    if task and not streams:
        names = ", ".join(sorted(short(item["taskArn"]) for item in _running(deployed))) or "none"
        raise OperateError(
            f"No task that begins with '{task}' has written to {group}. Tasks that run: {names}."
        )
    prefix = _prefix(deployed, worker) if worker else ""
    shown: dict[str, int] = {}
    while True:
        for event in _events(deployed, group, streams, begin_ms, prefix, wanted.pattern):
            if event["eventId"] not in shown and wanted.fits(event["message"]):
                shown[event["eventId"]] = event["timestamp"]
                if not follow:
                    deployed.answer.append(_line(event))
                _print(event["logStreamName"], event["message"], raw=raw, metrics=metrics)
        if not follow:
            if not shown:
                console.print(
                    f'No line within {since} in {group}. ARGS="--since 3h" looks further back,'
                    ' ARGS="--previous" shows what the task that died last said.'
                )
            return 0
        begin_ms = max([begin_ms, *(stamp - _LOOK_BACK_MS for stamp in shown.values())])
        shown = {key: stamp for key, stamp in shown.items() if stamp >= begin_ms}
        time.sleep(waiting.POLL_S)


def last_words(deployed: Deployed, lines: int) -> tuple[str, list[str]]:
    """Return the id of the task that wrote last, and its last lines; nothing where none has."""
    identity = next(_newest_first(deployed, deployed.log_group), "")
    said = last_lines(deployed, deployed.log_group, identity, lines) if identity else []
    return identity, [message for _, message in said]


def last_lines(deployed: Deployed, group: str, task: str, lines: int) -> list[tuple[str, str]]:
    """Return stream and text of the last lines that a task's containers wrote."""
    return [
        (stream, event["message"])
        for stream in _streams(deployed, group, task)
        for event in deployed.client("logs").get_log_events(
            logGroupName=group, logStreamName=stream, limit=lines, startFromHead=False
        )["events"]
    ]


def died(deployed: Deployed, service: str = "") -> list[dict[str, Any]]:
    """Return a service's tasks that stopped unexpectedly and that ECS still remembers, the last first."""
    found = [
        task
        for task in deployed.tasks("STOPPED", service=service)
        if "stoppedAt" in task and not task.get("stoppedReason", "").startswith(_MEANT)
    ]
    return sorted(found, key=lambda task: task["stoppedAt"], reverse=True)


def _previous(deployed: Deployed, *, raw: bool) -> int:
    group = deployed.log_group
    remembered = died(deployed) if deployed.is_there() else []
    if remembered:
        task = remembered[0]
        console.print(
            f"Task {short(task['taskArn'])} stopped {age(task['stoppedAt'])} ago:"
            f" {task.get('stoppedReason', 'no reason given')}"
        )
        identity = task["taskArn"].rpartition("/")[2]
    else:
        identity = _last_that_does_not_run(deployed, group)
        console.print(f"Task {identity[:8]} wrote last of those that run no more; ECS knows none that died.")
    for stream, line in last_lines(deployed, group, identity, _LAST_LINES):
        _print(stream, line, raw=raw)
    return 0


def _last_that_does_not_run(deployed: Deployed, group: str) -> str:
    running = {item["taskArn"].rpartition("/")[2] for item in _running(deployed)}
    for identity in _newest_first(deployed, group):
        if identity not in running:
            return identity
    raise OperateError(f"No task has died that {group} still knows of. `make logs` shows those that run.")


def _newest_first(deployed: Deployed, group: str) -> Iterator[str]:
    """Yield the task of each stream, that which wrote last first."""
    streams = deployed.pages(
        "logs",
        "describe_log_streams",
        "logStreams",
        logGroupName=group,
        orderBy="LastEventTime",
        descending=True,
    )
    for stream in streams:
        yield str(stream["logStreamName"]).rpartition("/")[2]


def _streams(deployed: Deployed, group: str, task: str) -> list[str]:
    """Return the streams of a task, given by the beginning of its id."""
    if not deployed.is_there():
        every = deployed.pages("logs", "describe_log_streams", "logStreams", logGroupName=group)
        names = [str(stream["logStreamName"]) for stream in every]
        return [name for name in names if name.rpartition("/")[2].startswith(task)]
    found = []
    for container in _containers(deployed):
        options = container.get("logConfiguration", {}).get("options", {})
        prefix = f"{options.get('awslogs-stream-prefix', '')}/{container['name']}/{task}"
        listed = deployed.pages(
            "logs", "describe_log_streams", "logStreams", logGroupName=group, logStreamNamePrefix=prefix
        )
        found += [str(stream["logStreamName"]) for stream in listed]
    return found


def _running(deployed: Deployed) -> list[dict[str, Any]]:
    if not deployed.is_there():
        return []
    beside = (task for other in deployed.others() for task in deployed.tasks(service=other["serviceName"]))
    return [*deployed.tasks(), *beside]


def _containers(deployed: Deployed) -> list[dict[str, Any]]:
    """Return the containers of the web service and of those beside it, which write to the same group."""
    definitions = [each["taskDefinition"] for each in (deployed.service(), *deployed.others())]
    return [item for arn in definitions for item in deployed.definition(arn)["containerDefinitions"]]


def _prefix(deployed: Deployed, worker: str) -> str:
    """Return what the names of a worker's streams begin with; raise UsageError if there is no such worker."""
    names = [workers.name_of(deployed, other) for other in deployed.others()]
    if worker not in names:
        raise UsageError(f"There is no worker '{worker}': choose one of {', '.join(names) or 'none'}.")
    return f"{worker}/"


def _events(
    deployed: Deployed, group: str, streams: list[str], begin_ms: int, prefix: str, pattern: str
) -> Iterator[Any]:
    wanted: dict[str, Any] = {"logGroupName": group, "startTime": begin_ms}
    if streams:
        wanted["logStreamNames"] = streams[:_STREAMS_AT_ONCE]
    elif prefix:
        wanted["logStreamNamePrefix"] = prefix
    if pattern:
        wanted["filterPattern"] = pattern
    yield from deployed.pages("logs", "filter_log_events", "events", **wanted)


def _line(event: dict[str, Any]) -> Line:
    *_, container, task = event["logStreamName"].split("/")
    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return Line(
        time=f"{time:%Y-%m-%dT%H:%M:%S.%fZ}", task=task, container=container, message=event["message"]
    )


def _print(stream: str, message: str, *, raw: bool, metrics: bool = False) -> None:
    if raw:
        console.print(message, markup=False)
        return
    *_, container, task = stream.split("/")
    for line in readable(message, metrics=metrics):
        console.print(f"[cyan]{task[:8]} {container}[/]", end=" ")
        console.print(line, markup=False)


def span(text: str) -> timedelta:
    """Return how long `90s`, `10m`, `2h` or `1d` are."""
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        raise UsageError(f"--since is a number and s, m, h or d, such as 90s, 10m, 2h or 1d, not '{text}'.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
