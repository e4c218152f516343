"""Ask the ECS API for the deployed services."""

import time
from typing import Any

from tools.local_cloud.cloud import Cloud
from tools.local_cloud.running import Running


def deployed(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the active services of all clusters."""
    ecs = cloud.client("ecs")
    return [
        service
        for cluster in ecs.list_clusters()["clusterArns"]
        for arn in ecs.list_services(cluster=cluster)["serviceArns"]
        for service in ecs.describe_services(cluster=cluster, services=[arn])["services"]
        if service["status"] == "ACTIVE"
    ]


def worker_of(cloud: Cloud, service: dict[str, Any]) -> str:
    """Return the first container of a service's tasks, which is called as the worker is."""
    definition = cloud.client("ecs").describe_task_definition(taskDefinition=service["taskDefinition"])
    return str(definition["taskDefinition"]["containerDefinitions"][0]["name"])


def wait_until_steady(running: Running, *, within_s: float) -> bool:
    """Wait until every service runs its desired count in one deployment; tell whether it does."""
    ends_at = time.monotonic() + within_s
    while running.runner and running.runner.alive():
        services = deployed(running.cloud)
        if services and all(_steady(service) for service in services):
            return True
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.1)
    return False


def _steady(service: dict[str, Any]) -> bool:
    [newest, *older] = service["deployments"]
    counted = service["runningCount"] == service["desiredCount"]
    return counted and not older and bool(newest["rolloutState"] == "COMPLETED")
