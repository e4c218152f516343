"""Open a shell in a running task by ECS Exec (`make exec`)."""

import json
import shlex
import shutil
import subprocess
from typing import Any

from tools.operate.consent import agreed
from tools.operate.deployed import Deployed, short
from tools.operate.errors import OperateError, UsageError
from tools.show import console

_PLUGIN = "session-manager-plugin"
_PLUGIN_PAGE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"


def shell(deployed: Deployed, *, task: str, container: str, command: str, token: str = "") -> int:
    """Run a command in a task with this terminal; the exit code is the session's."""
    picked = open_task(deployed, task)
    names = [item["name"] for item in picked["containers"]]
    if container not in names:
        raise UsageError(f"There is no container '{container}': choose one of {', '.join(names)}.")
    program = plugin()
    plan = [f"`{command}` runs in container {container} of a task of {deployed.stack}, which serves."]
    words = shlex.join(["--shell", command, "--container", container, *(["--task", task] if task else [])])
    agreed(deployed, "exec", plan, token=token, given=[f"ARGS={words}"])
    return attach(deployed, program, picked, container, command)


def attach(deployed: Deployed, program: str, task: dict[str, Any], container: str, command: str) -> int:
    """Give this terminal to a command in a container; return the session's exit code."""
    identity = task["taskArn"].rpartition("/")[2]
    answer = deployed.client("ecs").execute_command(
        cluster=deployed.cluster, task=identity, container=container, command=command, interactive=True
    )
    console.print(f"Task {identity[:8]}, container {container}; `exit` ends it.")
    words = session(deployed, program, answer["session"], {"Target": target(deployed, task, container)})
    return subprocess.run(words, check=False).returncode  # noqa: S603 (AWS's own plugin)


def plugin() -> str:
    """Return AWS's program for sessions."""
    found = shutil.which(_PLUGIN)
    if not found:
        raise OperateError(f"{_PLUGIN} is not installed here, and this needs it: {_PLUGIN_PAGE}")
    return found


def target(deployed: Deployed, task: dict[str, Any], container: str) -> str:
    """Return what Systems Manager calls a container of a task."""
    runtime = next(item.get("runtimeId", "") for item in task["containers"] if item["name"] == container)
    return f"ecs:{deployed.cluster}_{task['taskArn'].rpartition('/')[2]}_{runtime}"


def session(deployed: Deployed, program: str, opened: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    """Return the command that AWS's CLI runs for a session; the profile is empty, as in the environment."""
    endpoint = deployed.client("ssm").meta.endpoint_url
    region = str(deployed.session.region_name)
    return [program, json.dumps(opened), region, "StartSession", "", json.dumps(asked), endpoint]


def open_task(deployed: Deployed, beginning: str) -> dict[str, Any]:
    """Return a task that runs and lets us in."""
    tasks = deployed.tasks()
    chosen = [item for item in tasks if item["taskArn"].rpartition("/")[2].startswith(beginning)]
    if not chosen:
        names = ", ".join(short(item["taskArn"]) for item in tasks) or "none"
        raise OperateError(f"No task that begins with '{beginning}' runs. Tasks that run: {names}.")
    for task in chosen:
        if task.get("enableExecuteCommand"):
            return task
    raise OperateError(off(deployed))


def off(deployed: Deployed) -> str:
    """Say that sessions are off, and what to do."""
    return (
        f"ECS Exec is off for {deployed.stack}, as it is by default: set execute_command=True for it in"
        " infra/environments.py and deploy; docs/operations.md, A shell in a task, has the rest."
        f' Without it, make run-task ENV={deployed.environment} COMMAND="python -c ..." has the same image,'
        " roles and network."
    )
