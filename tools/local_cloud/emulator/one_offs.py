"""Hand RunTask and StopTask over to the runner, which starts and stops the tasks and reports on them."""

import json
from typing import Any

from ministack.services import ecs

from tools.local_cloud.emulator.resources import Props, substitute

_run = ecs._run_task
_stop = ecs._stop_task
_OURS = "_one_off"


def _run_task(data: Props) -> Any:
    """Record the tasks of RunTask as PROVISIONING; stock ministack calls them RUNNING at once."""
    response = _run(data)
    if response[0] >= 400:
        return response
    answer = json.loads(response[2])
    tasks = [ecs._tasks[described["taskArn"]] for described in answer["tasks"]]
    for task in tasks:
        task |= {"lastStatus": "PROVISIONING", "startedAt": None, "containerInstanceArn": None, _OURS: True}
    return ecs.json_response({**answer, "tasks": ecs._sanitize(tasks)})


def _stop_task(data: Props) -> Any:
    task = ecs._resolve_task(data["task"], ecs._resolve_cluster_name(data.get("cluster", "default")))
    if not task or not task.get(_OURS):
        return _stop(data)
    if task["desiredStatus"] != "STOPPED":
        reason = data.get("reason", "Task stopped by user")
        task |= {"desiredStatus": "STOPPED", "stopCode": "UserInitiated", "stoppedReason": reason}
    return ecs.json_response({"task": ecs._sanitize(task)})


def report(tasks: list[Props]) -> list[Props]:
    """Store the reported state of each task; return the tasks that have not stopped, for the runner."""
    for reported in tasks:
        task = ecs._tasks.get(reported["taskArn"])
        # An older report must not undo a stop that the runner has not heard of yet.
        if task and task["lastStatus"] != "STOPPED":
            task |= reported
    keys = ("taskArn", "clusterArn", "taskDefinitionArn", "overrides", "desiredStatus", "stoppedReason")
    ours = [task for task in ecs._tasks.values() if task.get(_OURS) and task["lastStatus"] != "STOPPED"]
    return [{key: task[key] for key in keys} for task in ours]


def install() -> None:
    """Replace RunTask and StopTask, so that the runner has the tasks even where there is Docker."""
    substitute(ecs, "_get_docker", lambda: None)
    ecs._ACTION_MAP |= {"RunTask": _run_task, "StopTask": _stop_task}
