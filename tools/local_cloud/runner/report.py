"""Report on tasks: to the emulator in ECS's terms, and to `make status-local` with process ids."""

from typing import Any

from tools.local_cloud.runner.container_group import ContainerGroup
from tools.local_cloud.runner.container_health import of_all
from tools.local_cloud.runner.rollout import Rollout
from tools.local_cloud.runner.task import Task


def to_ecs(rollout: Rollout) -> dict[str, Any]:
    """Describe a service for the ECS API; events are handed over once."""
    events, rollout.events = rollout.events, []
    return {
        "serviceArn": rollout.service.arn,
        "deployment": {
            "id": rollout.service.deployment,
            "rolloutState": rollout.breaker.state,
            "rolloutStateReason": rollout.breaker.reason,
            "failedTasks": rollout.breaker.failures,
        },
        "events": events,
        "tasks": [_task(rollout, task) for task in rollout.tasks],
    }


def _task(rollout: Rollout, task: Task) -> dict[str, Any]:
    arn = f"{rollout.service.cluster.replace(':cluster/', ':task/')}/{task.id}"
    ended = task.status in {"DEACTIVATING", "STOPPING", "STOPPED"}
    described: dict[str, Any] = {
        "taskArn": arn,
        "taskDefinitionArn": task.definition,
        "startedBy": task.deployment,
        "lastStatus": task.status,
        "desiredStatus": "STOPPED" if ended else "RUNNING",
        "healthStatus": of_all(task.health),
        "availabilityZone": task.zone,
        "launchType": "FARGATE",
        "createdAt": task.created_s,
        "attachments": [],
        "containers": containers_in_ecs(arn, task),
    }
    for container in described["containers"]:
        if task.balanced and container["name"] == task.balanced.container:
            # Tasks share an address here, so they differ by port.
            port = {"containerPort": task.balanced.port, "hostPort": task.port}
            container["networkBindings"] = [{"bindIP": "127.0.0.1", **port}]
    if task.started_s:
        described["startedAt"] = task.started_s
    if ended:
        described |= {"stoppedReason": task.stopped_reason, "stopCode": task.stop_code}
    if task.status == "STOPPED":
        described["stoppedAt"] = task.stopped_s
    return described


def containers_in_ecs(arn: str, group: ContainerGroup) -> list[dict[str, Any]]:
    """Describe a task's containers for the ECS API."""
    described: list[dict[str, Any]] = []
    for container in group.containers:
        code = group.exit_codes.get(container.name)
        item = {
            "name": container.name,
            "taskArn": arn,
            "lastStatus": "RUNNING" if code is None else "STOPPED",
        }
        # A container that was ended by a signal has the exit code 128 + the signal.
        described.append(item if code is None else {**item, "exitCode": code if code >= 0 else 128 - code})
    return described


def to_person(rollouts: list[Rollout]) -> dict[str, Any]:
    """Describe every task with what only this machine knows: processes, port, log files."""
    return {
        "tasks": [
            {
                "id": task.id,
                "service": rollout.service.name,
                "status": task.status,
                "zone": task.zone,
                "version": next((item.environment.get("VERSION", "") for item in task.containers), ""),
                "image": next((item.folder.name for item in task.containers), ""),
                "port": task.port,
                "problem": task.reason or task.last_problem,
                "processes": [vars(started) for started in task.started.values()],
                "shared": sorted({str(each) for container in task.containers for each in container.shared}),
                "logs": [str(task.log(container.name)) for container in task.containers],
            }
            for rollout in rollouts
            for task in rollout.tasks
        ],
    }


def last_failure(rollouts: list[Rollout]) -> dict[str, Any] | None:
    """Return what is known of the last task that failed."""
    known = (rollout.breaker.last_failure for rollout in rollouts)
    return max(filter(None, known), key=lambda failure: failure["at_s"], default=None)
