"""Open a shell or `flask shell` in a task of its own, which ends with it (`make console`)."""

import shlex
import time
from typing import Any

from tools.operate import shell, waiting
from tools.operate.consent import agreed
from tools.operate.deployed import APP, Deployed, short
from tools.operate.errors import OperateError
from tools.show import console

# ECS runs this agent beside the container; a session needs it.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedAgent.html
_AGENT = "ExecuteCommandAgent"
_REASON = "The console has ended"


def own_console(deployed: Deployed, *, command: str, minutes: int, token: str = "") -> int:
    """Run a command with this terminal in a new task, and stop the task; no request reaches it."""
    service = deployed.service()
    if not service.get("enableExecuteCommand"):
        raise OperateError(shell.off(deployed))
    program = shell.plugin()
    plan = [f"A task of {deployed.stack} starts, for {minutes} minutes at most, and runs `{command}`."]
    words = shlex.join(["--shell", command, "--minutes", str(minutes)])
    agreed(deployed, "console", plan, token=token, given=[f"ARGS={words}"])
    arn = _start(deployed, service, minutes)
    try:
        return shell.attach(deployed, program, _ready(deployed, arn), APP, command)
    finally:
        deployed.client("ecs").stop_task(cluster=deployed.cluster, task=arn, reason=_REASON)
        console.print(
            f"Task {short(arn)} was told to stop. What was typed and shown is in the log group of exec."
        )


def _start(deployed: Deployed, service: dict[str, Any], minutes: int) -> str:
    # It ends by itself, too, if whoever started it is cut off.
    override = {"name": APP, "command": ["sleep", str(60 * minutes)]}
    answer = deployed.client("ecs").run_task(
        cluster=deployed.cluster,
        taskDefinition=service["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration=service["networkConfiguration"],
        overrides={"containerOverrides": [override]},
        enableExecuteCommand=True,
        enableECSManagedTags=True,
        propagateTags="TASK_DEFINITION",
        startedBy="console",
    )
    if not answer["tasks"]:
        reasons = "; ".join(item.get("reason", "no reason given") for item in answer["failures"])
        raise OperateError(f"ECS started no task: {reasons}")
    return str(answer["tasks"][0]["taskArn"])


def _ready(deployed: Deployed, arn: str) -> dict[str, Any]:
    """Wait until the task's agent takes sessions."""
    with console.status(f"Task {short(arn)} starts"):
        while True:
            described = deployed.client("ecs").describe_tasks(cluster=deployed.cluster, tasks=[arn])["tasks"]
            task: dict[str, Any] = (
                dict(described[0]) if described else {"lastStatus": "PROVISIONING", "containers": []}
            )
            if task["lastStatus"] == "STOPPED":
                raise OperateError(f"The task did not run: {task.get('stoppedReason', 'no reason given')}")
            agents = {
                agent["name"]: agent["lastStatus"]
                for each in task["containers"]
                if each["name"] == APP
                for agent in each.get("managedAgents", [])
            }
            if agents.get(_AGENT) == "RUNNING":
                return task
            time.sleep(waiting.POLL_S)
