"""Write what works beside requests for Container Apps: apps that nobody reaches, and jobs by a schedule."""

from typing import Any

from infra.elsewhere.container_app import REVISIONS, access, plain, resource, resources
from infra.elsewhere.containers import Container, Images, beside, release
from infra.elsewhere.schedule import five_fields
from infra.elsewhere.timeouts import JOB_RESERVE_S
from infra.parameters import Azure, Environment, Tasks, Worker

# As of a worker on AWS: infra/work/worker.py.
_CPU_PERCENT = 70


def container_app_job(environment: Environment, place: Azure, images: Images) -> dict[str, Any] | None:
    """Return the body of the job that runs the release command; None without one."""
    if not environment.release_words:
        return None
    return _job(
        environment,
        place,
        release(environment, place, images),
        tasks=environment.tasks,
        timeout_s=environment.release_timeout_s,
        trigger={"triggerType": "Manual", "manualTriggerConfig": _ONCE},
    )


def container_app_jobs(environment: Environment, place: Azure, images: Images) -> dict[str, dict[str, Any]]:
    """Return the bodies of the jobs that run at times of day, by the jobs' names."""
    return {
        each.name: _job(
            environment,
            place,
            beside(each, environment, place, images),
            tasks=each.size(environment.tasks),
            timeout_s=each.timeout_s + JOB_RESERVE_S,
            trigger={
                "triggerType": "Schedule",
                "scheduleTriggerConfig": {"cronExpression": five_fields(each.schedule), **_ONCE},
            },
        )
        for each in environment.jobs
    }


def container_app_workers(
    environment: Environment, place: Azure, images: Images
) -> dict[str, dict[str, Any]]:
    """Return the bodies of the workers' apps by the workers' names; without ingress, nobody reaches them."""
    return {each.name: _app(each, environment, place, images) for each in environment.workers}


_ONCE = {"parallelism": 1, "replicaCompletionCount": 1}


def _app(worker: Worker, environment: Environment, place: Azure, images: Images) -> dict[str, Any]:
    return {
        **resource(environment, place),
        "properties": {
            "managedEnvironmentId": _home(place),
            "workloadProfileName": "Consumption",
            "configuration": {**REVISIONS, **access(environment, place)},
            "template": {
                "terminationGracePeriodSeconds": worker.stop_timeout_s,
                "containers": [
                    _sized(beside(worker, environment, place, images), worker.size(environment.tasks))
                ],
                "scale": {
                    "minReplicas": worker.min,
                    "maxReplicas": worker.max,
                    "rules": [
                        {
                            "name": "cpu",
                            "custom": {
                                "type": "cpu",
                                "metadata": {"type": "Utilization", "value": str(_CPU_PERCENT)},
                            },
                        }
                    ],
                },
            },
        },
    }


def _job(
    environment: Environment,
    place: Azure,
    container: Container,
    *,
    tasks: Tasks,
    timeout_s: int,
    trigger: dict[str, Any],
) -> dict[str, Any]:
    return {
        **resource(environment, place),
        "properties": {
            "environmentId": _home(place),
            "workloadProfileName": "Consumption",
            "configuration": {
                **trigger,
                "replicaTimeout": timeout_s,
                "replicaRetryLimit": 0,  # a second run after half of a first one may do harm
                **access(environment, place),
            },
            "template": {"containers": [_sized(container, tasks)]},
        },
    }


def _home(place: Azure) -> str:
    return place.resource("Microsoft.App/managedEnvironments", place.environment)


def _sized(container: Container, tasks: Tasks) -> dict[str, Any]:
    return {**plain(container), "resources": resources(tasks.cpu * 100 // 1024)}
