"""Run a command in a task of its own, with the service's image, network and roles (`make run-task`)."""

import shlex
import time
from typing import Any

from tools import causes
from tools.log_lines import readable
from tools.operate import waiting
from tools.operate.consent import agreed
from tools.operate.deployed import Deployed, revision, short
from tools.operate.errors import OperateError, UsageError
from tools.show import console, error

# CloudWatch Logs shows a line some seconds late, so wait this long for the last ones.
_LAST_LINES_S = 3.0
_REASON = "Stopped by the person who started it"


def run_task(deployed: Deployed, *, command: list[str], container: str, raw: bool, token: str = "") -> int:
    """Run a command, stream what it writes, and return its exit code; Ctrl-C stops the task."""
    service = deployed.service()
    names = [item["name"] for item in deployed.definition(service["taskDefinition"])["containerDefinitions"]]
    if container not in names:
        raise UsageError(f"There is no container '{container}': choose one of {', '.join(names)}.")
    agreed(
        deployed,
        "run-task",
        [f"This runs in a task of {deployed.stack}, with its rights and its database: {shlex.join(command)}"],
        token=token,
        given=[f"COMMAND={shlex.join(command)}"],
    )
    return run(deployed, definition=service["taskDefinition"], container=container, command=command, raw=raw)


def run(deployed: Deployed, *, definition: str, container: str, command: list[str] | None, raw: bool) -> int:
    """Run a task definition in the service's network, with another command if one is given."""
    arn = _start(deployed, definition, container, command)
    console.print(
        f"Task {short(arn)} runs {revision(definition)} (version {deployed.version(definition)})"
        + (f": {' '.join(command)}" if command else ""),
        style="dim",
        markup=False,
    )
    output = _Output(deployed, definition, container, arn, raw=raw)
    try:
        task = _until_stopped(deployed, arn, output)
    except KeyboardInterrupt:
        deployed.client("ecs").stop_task(cluster=deployed.cluster, task=arn, reason=_REASON)
        error(f"Ended by Ctrl-C: task {short(arn)} was told to stop.")
        return 130
    return _exit_code(task, container)


def _start(deployed: Deployed, definition: str, container: str, command: list[str] | None) -> str:
    override = [{"name": container, "command": command}] if command else []
    # Run on demand even if the service is on Spot: AWS must not interrupt a migration half-way.
    answer = deployed.client("ecs").run_task(
        cluster=deployed.cluster,
        taskDefinition=definition,
        launchType="FARGATE",
        networkConfiguration=deployed.service()["networkConfiguration"],
        overrides={"containerOverrides": override},
        startedBy="run-task",
        enableECSManagedTags=True,
        propagateTags="TASK_DEFINITION",
    )
    if not answer["tasks"]:
        reasons = "; ".join(item.get("reason", "no reason given") for item in answer["failures"])
        known = causes.of([f"task: {reasons}"])
        raise OperateError(f"ECS started no task: {reasons}" + (f". {known.fix}" if known else ""))
    return str(answer["tasks"][0]["taskArn"])


def _until_stopped(deployed: Deployed, arn: str, output: "_Output") -> dict[str, Any]:
    said = ""
    while True:
        described = deployed.client("ecs").describe_tasks(cluster=deployed.cluster, tasks=[arn])["tasks"]
        # Right after the start, ECS may not yet return the task.
        task = described[0] if described else {"lastStatus": said}
        if task["lastStatus"] != said:
            said = task["lastStatus"]
            console.print(f"{said.lower()} ...", style="dim")
        output.show_new()
        if said == "STOPPED":
            output.show_rest()
            return dict(task)
        time.sleep(waiting.POLL_S)


def _exit_code(task: dict[str, Any], container: str) -> int:
    [mine] = [item for item in task["containers"] if item["name"] == container] or [{}]
    if "exitCode" in mine:
        console.print(f"Exit code {mine['exitCode']}.", style="dim")
        return int(mine["exitCode"])
    reason = task.get("stoppedReason", "no reason given")
    error(f"The task did not run: {task.get('stopCode', '')}: {reason}")
    if known := causes.of([f"task: {reason}", f"container: {mine.get('reason', '')}"]):
        error(f"{known.cause} {known.fix}")
    return 1


class _Output:
    """A container's output, of which each line is shown once."""

    def __init__(self, deployed: Deployed, definition: str, container: str, arn: str, *, raw: bool) -> None:
        [described] = [
            item
            for item in deployed.definition(definition)["containerDefinitions"]
            if item["name"] == container
        ]
        options = described.get("logConfiguration", {}).get("options", {})
        prefix = options.get("awslogs-stream-prefix", "")
        self._logs = deployed.client("logs")
        self._where = {
            "logGroupName": options.get("awslogs-group", deployed.output("LogGroupName")),
            "logStreamName": f"{prefix}/{container}/{arn.rpartition('/')[2]}",
        }
        self._next: dict[str, str] = {}
        self._raw = raw

    def show_new(self) -> bool:
        """Print the new lines of the log; tell whether there were any."""
        try:
            answer = self._logs.get_log_events(**self._where, **self._next, startFromHead=True)
        except self._logs.exceptions.ResourceNotFoundException:
            return False  # nothing written yet
        self._next = {"nextToken": answer["nextForwardToken"]}
        for event in answer["events"]:
            for line in [event["message"]] if self._raw else readable(event["message"]):
                console.print(line, markup=False)
        return bool(answer["events"])

    def show_rest(self) -> None:
        """Print the lines that arrive after the task's end."""
        ends_at = time.monotonic() + _LAST_LINES_S
        while self.show_new() or time.monotonic() < ends_at:
            time.sleep(waiting.POLL_S / 4)
