"""Make a task from a service's task definition: containers, port, metadata, and the longest start."""

import copy
import math
import time
import uuid
from typing import Any

from tools.local_cloud.cloud import Cloud
from tools.local_cloud.emulator_process import free_port
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner.containers import Container, Containers, SecretError
from tools.local_cloud.runner.deployed import Deployed, Service
from tools.local_cloud.runner.metadata import Metadata
from tools.local_cloud.runner.task import Task
from tools.local_cloud.state import State

# ECS waits for the whole health check grace period, too long for a person who watches. An app that takes
# connections, and is still being imported, has all of it.
_LONGEST_START_S = 15.0


class Launcher:
    """A maker of tasks, which knows what they need from this machine."""

    def __init__(self, state: State, cloud: Cloud, deployed: Deployed) -> None:
        self.logs = state.logs
        self._deployed = deployed
        self._containers = Containers(cloud, state.images)
        self._metadata = Metadata()

    def vcpu(self, definition: str) -> float:
        """Return the vCPUs of a task definition's tasks."""
        return int(self._deployed.definition(definition)["cpu"]) / 1024

    def one_off(self, item: dict[str, Any]) -> list[Container]:
        """Return the containers of a task that RunTask asks for, its overrides applied."""
        definition = copy.deepcopy(self._deployed.definition(item["taskDefinitionArn"]))
        for override in item["overrides"].get("containerOverrides", []):
            for container in definition["containerDefinitions"]:
                if container["name"] == override["name"]:
                    container |= {key: override[key] for key in ("command",) if key in override}
                    container["environment"] = [
                        *container.get("environment", []),
                        *override.get("environment", []),
                    ]
        known = {
            "Cluster": item["clusterArn"],
            "TaskARN": item["taskArn"],
            "Family": definition["family"],
            "Revision": str(definition["revision"]),
            "LaunchType": "FARGATE",
        }
        metadata = self._metadata.add(item["taskArn"].rpartition("/")[2], known)
        return self._containers.of(definition, balanced="", ports={}, metadata=metadata)

    def in_ecs_words(self, error: LocalCloudError) -> str:
        """Return why a task could not be made, as ECS would begin to say it."""
        if isinstance(error, SecretError):
            return f"ResourceInitializationError: unable to pull secrets or registry auth: {error}"
        return f"CannotStartContainerError: {error}"

    def refused(self, service: Service, zone: str, error: LocalCloudError) -> Task:
        """Return the task that could not be made, as the ECS API shows it."""
        return Task(
            id=uuid.uuid4().hex,
            definition=service.definition,
            deployment=service.deployment,
            zone=zone,
            port=0,
            balanced=service.balanced,
            containers=[],
            logs=self.logs,
            start_limit_s=0,
            stopped_s=time.time(),
            status="STOPPED",
            reason=str(error),
            stop_code="TaskFailedToStart",
            stopped_reason=self.in_ecs_words(error),
            failed=True,
        )

    def task(self, service: Service, zone: str) -> Task:
        """Return a task that has not started yet."""
        definition, identity = self._deployed.definition(service.definition), uuid.uuid4().hex
        known = {
            "Cluster": service.cluster,
            "TaskARN": f"{service.cluster.replace(':cluster/', ':task/')}/{identity}",
            "Family": definition["family"],
            "Revision": str(definition["revision"]),
            "ServiceName": service.name,
            "AvailabilityZone": zone,
            "LaunchType": "FARGATE",
        }
        balanced = service.balanced
        metadata, port = self._metadata.add(identity, known), free_port() if balanced else 0
        ports = {balanced.port: port} if balanced else {}
        for each in service.beside:
            ports.setdefault(each.port, free_port())
        return Task(
            id=identity,
            definition=service.definition,
            deployment=service.deployment,
            zone=zone,
            port=port,
            balanced=balanced,
            beside=tuple((each, ports[each.port]) for each in service.beside),
            containers=self._containers.of(
                definition, balanced=balanced.container if balanced else "", ports=ports, metadata=metadata
            ),
            logs=self.logs,
            start_limit_s=min(service.grace_s or math.inf, _LONGEST_START_S),
            grace_s=service.grace_s,
        )
