"""Let the runner start ECS's tasks and report on them, and CloudFormation wait for the result.

ministack calls a task RUNNING although no process runs. Here a new deployment stays IN_PROGRESS until the
runner reports its end. If the circuit breaker ends a deployment, the CloudFormation resource fails, and the
stack is rolled back, as in AWS.
"""

import time
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import new_uuid, request_scope
from ministack.services import ecs
from ministack.services.cloudformation import stacks

from tools.local_cloud.emulator import deployments, one_offs
from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, substitute

_TYPE = "AWS::ECS::Service"
# The runner reports at least every second; if there is no runner, do not wait for it.
_RUNNER_LOST_S = 5.0
_POLL_S = 0.05

_make_deployment = ecs._make_deployment
_service = dict(HANDLERS[_TYPE])
_reported_at = float("-inf")


def _runner_is_there() -> bool:
    return time.monotonic() - _reported_at < _RUNNER_LOST_S


def _primary(record: Props) -> Props | None:
    return next((item for item in record["deployments"] if item["status"] == "PRIMARY"), None)


def _new_deployment(*args: Any, **kwargs: Any) -> Props:
    deployment = dict(_make_deployment(*args, **kwargs))
    return {**deployment, "rolloutState": "IN_PROGRESS", "rolloutStateReason": "Waiting for the runner."}


def report(told: Props) -> list[Props]:
    """Store what the runner did: tasks, deployment state and events per service; return its one-off tasks."""
    global _reported_at  # noqa: PLW0603 - one emulator, one runner
    _reported_at = time.monotonic()
    with request_scope(told["account"], told["region"]):
        for reported in told["services"]:
            key = reported["serviceArn"].split(":service/", 1)[1]
            with resource_lock("ecs-service", key):
                _store(key, reported)
        return one_offs.report(told["one_offs"])


def _store(key: str, reported: Props) -> None:
    record = ecs._services.get(key)
    if not record:
        return
    group = f"service:{record['serviceName']}"
    for arn in [arn for arn, task in ecs._tasks.items() if task.get("group") == group]:
        del ecs._tasks[arn]
    for task in reported["tasks"]:
        ecs._tasks[task["taskArn"]] = {**task, "clusterArn": record["clusterArn"], "group": group}
    for message in reported["events"]:
        event = {"id": new_uuid(), "createdAt": ecs._iso(), "message": message}
        record["events"] = [event, *record["events"]][:100]
    for deployment in record["deployments"]:
        _count(deployment, reported["tasks"])
        # A deployment that was stopped through the API has failed, even if the runner does not know it yet.
        mine = deployment["id"] == reported["deployment"]["id"] and deployment["rolloutState"] != "FAILED"
        if mine and not reported["deployment"].items() <= deployment.items():
            deployment |= {**reported["deployment"], "updatedAt": ecs._iso()}
    record["runningCount"] = sum(task["lastStatus"] == "RUNNING" for task in reported["tasks"])
    record["pendingCount"] = sum(task["lastStatus"] == "PENDING" for task in reported["tasks"])
    deployments.remember(key)
    _settle(record)


def _count(deployment: Props, tasks: list[Props]) -> None:
    mine = [task for task in tasks if task["startedBy"] == deployment["id"]]
    deployment["runningCount"] = sum(task["lastStatus"] == "RUNNING" for task in mine)
    deployment["pendingCount"] = sum(task["lastStatus"] == "PENDING" for task in mine)


def _settle(record: Props) -> None:
    """Finish a deployment: forget the earlier ones, or roll back to the last completed one."""
    primary = _primary(record)
    if not primary:
        return
    if primary["rolloutState"] == "COMPLETED":
        record["deployments"] = [item for item in record["deployments"] if item is primary]
    if primary["rolloutState"] == "FAILED":
        breaker = record["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
        last = next((item for item in record["deployments"] if item["rolloutState"] == "COMPLETED"), None)
        if breaker.get("rollback") and last:
            primary["status"], last["status"] = "ACTIVE", "PRIMARY"
            record["taskDefinition"] = last["taskDefinition"]


def _wait(arn: str) -> None:
    key = arn.split("service/", 1)[1]
    deployment = _primary(ecs._services[key])
    while deployment and deployment["rolloutState"] == "IN_PROGRESS" and _runner_is_there():
        time.sleep(_POLL_S)
    if deployment and deployment["rolloutState"] == "FAILED":
        reason = deployment["rolloutStateReason"]
        by = "" if reason == deployments.STOPPED_BY else " ECS Deployment Circuit Breaker was triggered."
        raise ValueError(f"{reason}{by}")


def _create_service(logical_id: str, props: Props, stack: str) -> Made:
    arn, attributes = _service["create"](logical_id, props, stack)
    record = ecs._services[arn.split("service/", 1)[1]]
    record["healthCheckGracePeriodSeconds"] = int(props.get("HealthCheckGracePeriodSeconds", 0))
    try:
        _wait(arn)
    except ValueError:
        # The engine deletes what a create function returned, and this one raises instead: delete it here.
        _delete_service(arn, props)
        raise
    return arn, attributes


def _update_service(physical_id: str, old: Props, new: Props, stack: str) -> Made:
    made: Made = _service["update"](physical_id, old, new, stack)
    try:
        _wait(physical_id)
    except ValueError:
        # The engine restores only the stack's record; the circuit breaker restores the task definition.
        _service["update"](physical_id, new, old | {"TaskDefinition": new["TaskDefinition"]}, stack)
        raise
    return made


def _delete_service(physical_id: str, props: Props) -> None:
    key = physical_id.split("service/", 1)[1]
    group = f"service:{key.rsplit('/', 1)[1]}"
    running = {arn: task for arn, task in ecs._tasks.items() if task.get("group") == group}
    _service["delete"](physical_id, props)
    deployments.forget(key)
    # ministack's delete marks the tasks STOPPED at once, but they are still draining.
    for arn, task in running.items():
        ecs._tasks[arn] = {**task, "desiredStatus": "STOPPED", "lastStatus": "DEACTIVATING"}
    while _runner_is_there() and any(
        task.get("group") == group and task["lastStatus"] != "STOPPED" for task in list(ecs._tasks.values())
    ):
        time.sleep(_POLL_S)


def install() -> None:
    """Let the runner, and not the emulator, start and stop the tasks of services."""
    runs_on_worker_thread = stacks._runs_on_worker_thread
    # Waiting on the event loop would block every other request.
    substitute(stacks, "_runs_on_worker_thread", lambda kind: kind == _TYPE or runs_on_worker_thread(kind))
    substitute(ecs, "_make_deployment", _new_deployment)
    substitute(ecs, "_reconcile_service_tasks", lambda _cluster, _key: None)
    substitute(ecs, "_sync_service_targets", lambda _cluster, _service: None)
    HANDLERS[_TYPE] |= {"create": _create_service, "update": _update_service, "delete": _delete_service}
