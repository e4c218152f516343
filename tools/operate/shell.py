"""`make exec`: a shell in a task that runs, by ECS Exec."""

import json
import shutil
import subprocess

from tools.operate.deployed import Deployed, short
from tools.operate.errors import OperateError
from tools.show import console

_PLUGIN = "session-manager-plugin"
_PLUGIN_PAGE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"


def shell(deployed: Deployed, *, task: str, container: str, command: str) -> int:
    """Run a command in a task with this terminal; the exit code is the session's."""
    plugin = shutil.which(_PLUGIN)
    if not plugin:
        raise OperateError(f"{_PLUGIN} is not installed here, and a shell needs it: {_PLUGIN_PAGE}")
    tasks = deployed.tasks()
    chosen = [item for item in tasks if short(item["taskArn"]).startswith(task[:8])]
    if not chosen:
        names = ", ".join(short(item["taskArn"]) for item in tasks) or "none"
        raise OperateError(f"No task that begins with '{task}' runs. Tasks that run: {names}.")
    open_to_us = [item for item in chosen if item.get("enableExecuteCommand")]
    if not open_to_us:
        raise OperateError(
            f"ECS Exec is off for {deployed.stack}, as it is by default: a read-only root rules it out."
            " docs/operations.md says how to switch it on (A shell in a task). Without it:"
            f' make run-task ENV={deployed.environment} COMMAND="python -c ..." has the same image, roles and'
            " network."
        )
    picked = open_to_us[0]
    container = container or deployed.service()["loadBalancers"][0]["containerName"]
    answer = deployed.client("ecs").execute_command(
        cluster=deployed.cluster,
        task=picked["taskArn"],
        container=container,
        command=command,
        interactive=True,
    )
    console.print(f"Task {short(picked['taskArn'])}, container {container}; `exit` ends it.")
    [runtime] = [item["runtimeId"] for item in picked["containers"] if item["name"] == container]
    cluster, identity = deployed.cluster, picked["taskArn"].rpartition("/")[2]
    target = json.dumps({"Target": f"ecs:{cluster}_{identity}_{runtime}"})
    region = deployed.session.region_name
    # What `aws ecs execute-command` hands over too.
    arguments = [json.dumps(answer["session"]), region, "StartSession", "", target]
    endpoint = deployed.client("ssm").meta.endpoint_url
    return subprocess.run([plugin, *arguments, endpoint], check=False).returncode  # noqa: S603 (AWS's own plugin)
