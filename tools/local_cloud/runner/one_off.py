"""Run tasks that belong to no service: started by RunTask, ended by their command or by StopTask."""

import time
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner.container_group import ContainerGroup
from tools.local_cloud.runner.launcher import Launcher
from tools.local_cloud.runner.report import containers_in_ecs

_KEPT = 10


@dataclass(kw_only=True)
class OneOff(ContainerGroup):
    """A task of no service and its place in the ECS life cycle."""

    arn: str
    status: str = "RUNNING"  # then STOPPING, STOPPED
    stop_code: str = ""
    stopped_reason: str = ""
    started_s: float = field(default_factory=time.time)
    stopped_s: float = 0.0

    def end(self, code: str, reason: str) -> None:
        """Begin to stop the task."""
        if self.status == "RUNNING":
            self.status, self.stop_code, self.stopped_reason = "STOPPING", code, reason
            self.terminate()

    def step(self) -> None:
        """Look at the task's processes and do what is due."""
        if any(container.essential for container, _ in self.exited()):
            self.end("EssentialContainerExited", "Essential container in task exited")
        if self.status == "STOPPING" and self.ended():
            self.kill()
            self.status, self.stopped_s = "STOPPED", time.time()

    def in_ecs(self) -> dict[str, Any]:
        """Describe the task for the ECS API."""
        described: dict[str, Any] = {
            "lastStatus": self.status,
            "containers": containers_in_ecs(self.arn, self),
        }
        described |= {"taskArn": self.arn, "startedAt": self.started_s}
        if self.status != "RUNNING":
            described |= {"desiredStatus": "STOPPED", "stopCode": self.stop_code}
            described["stoppedReason"] = self.stopped_reason
        if self.status == "STOPPED":
            described["stoppedAt"] = self.stopped_s
        return described


class OneOffs:
    """All tasks that were started by RunTask."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self.tasks: dict[str, OneOff] = {}

    def follow(self, wanted: list[dict[str, Any]]) -> None:
        """Start each task that the API lists and that is new; stop those that the API wants stopped."""
        for item in wanted:
            arn = item["taskArn"]
            if arn not in self.tasks:
                self.tasks[arn] = self._started(item)
            elif item["desiredStatus"] == "STOPPED":
                self.tasks[arn].end("UserInitiated", item["stoppedReason"])

    def step(self) -> None:
        """Move every task on; forget all but the last stopped ones."""
        for task in self.tasks.values():
            task.step()
        stopped = [arn for arn, task in self.tasks.items() if task.status == "STOPPED"]
        for arn in stopped[:-_KEPT]:
            del self.tasks[arn]

    def _started(self, item: dict[str, Any]) -> OneOff:
        arn = item["taskArn"]
        try:
            containers = self._launcher.one_off(item)
        except LocalCloudError as error:
            task = OneOff(id=arn.rpartition("/")[2], arn=arn, containers=[], logs=self._launcher.logs)
            task.end("TaskFailedToStart", self._launcher.in_ecs_words(error))
            return task
        task = OneOff(id=arn.rpartition("/")[2], arn=arn, containers=containers, logs=self._launcher.logs)
        if problem := task.start_containers():
            task.end("TaskFailedToStart", f"CannotStartContainerError: {problem}")
        return task
