"""Open a shell in a running task by ECS Exec (`make exec`)."""

import json
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
    picked = _task(deployed, task)
    runtimes = {item["name"]: item.get("runtimeId", "") for item in picked["containers"]}
    if container not in runtimes:
        raise UsageError(f"There is no container '{container}': choose one of {', '.join(runtimes)}.")
    plugin = shutil.which(_PLUGIN)
    if not plugin:
        raise OperateError(f"{_PLUGIN} is not installed here, and a shell needs it: {_PLUGIN_PAGE}")
    agreed(deployed, "exec", [f"A shell opens in a task of {deployed.stack}."], token=token)
    cluster, identity = deployed.cluster, picked["taskArn"].rpartition("/")[2]
    answer = deployed.client("ecs").execute_command(
        cluster=cluster, task=identity, container=container, command=command, interactive=True
    )
    console.print(f"Task {identity[:8]}, container {container}; `exit` ends it.")
    # Pass what `aws ecs execute-command` passes; the profile is empty, as it is in the environment.
    target = json.dumps({"Target": f"ecs:{cluster}_{identity}_{runtimes[container]}"})
    arguments = [json.dumps(answer["session"]), deployed.session.region_name, "StartSession", "", target]
    endpoint = deployed.client("ssm").meta.endpoint_url
    return subprocess.run([plugin, *arguments, endpoint], check=False).returncode  # noqa: S603 (AWS's own plugin)


def _task(deployed: Deployed, beginning: str) -> dict[str, Any]:
    """Return a task that runs and lets us in."""
    tasks = deployed.tasks()
    chosen = [item for item in tasks if item["taskArn"].rpartition("/")[2].startswith(beginning)]
    if not chosen:
        names = ", ".join(short(item["taskArn"]) for item in tasks) or "none"
        raise OperateError(f"No task that begins with '{beginning}' runs. Tasks that run: {names}.")
    for task in chosen:
        if task.get("enableExecuteCommand"):
            return task
    raise OperateError(
        f"ECS Exec is off for {deployed.stack}, as it is by default: set execute_command=True for it in"
        " infra/environments.py and deploy; docs/operations.md, A shell in a task, has the rest. Without it,"
        f' make run-task ENV={deployed.environment} COMMAND="python -c ..." has the same image, roles and'
        " network."
    )
