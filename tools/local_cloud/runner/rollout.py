"""One service: keeps the desired count and performs deployments as ECS does, circuit breaker included."""

import math
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from tools.local_cloud import logs
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner.deployed import Service
from tools.local_cloud.runner.scheduling import Seen, plan
from tools.local_cloud.runner.targets import Targets
from tools.local_cloud.runner.task import Task

# Shown of a task that failed.
_LAST_LINES = 12
# ECS waits ever longer before it starts a task that keeps failing.
_LONGEST_WAIT_S = 30
_KEPT_STOPPED = 10

Launch = Callable[[Service, str, str], Task]


@dataclass
class Rollout:
    """The tasks of one service and the deployment they are part of."""

    service: Service
    launch: Launch
    targets: Targets
    tasks: list[Task] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    state: str = "IN_PROGRESS"
    reason: str = ""
    failures: int = 0
    failure: dict[str, object] | None = None
    _counted: set[str] = field(default_factory=set)
    _start_at: float = 0.0

    def follow(self, service: Service | None) -> None:
        """Take in what the API says now; None means that the service is gone."""
        if service is None:
            for task in self.tasks:
                task.end("Service deleted")
            return
        if service.deployment != self.service.deployment:
            self.state, self.reason, self.failures, self._start_at = service.rollout, "", 0, 0.0
            self.say(f"has started deployment {service.deployment.rpartition('/')[2]}.")
        self.service = service
        self._count_failures()
        self._schedule()
        self._complete()

    def step(self, pool: Executor) -> None:
        """Move every task on; forget all but the last stopped ones."""
        for task in self.tasks:
            before = task.status
            task.step(self.targets, pool)
            if task.status != before:
                self.say(
                    f"task {task.id[:8]} is {task.status}" + (f": {task.reason}" if task.reason else ".")
                )
        stopped = [task for task in self.tasks if task.status == "STOPPED"]
        for task in stopped[:-_KEPT_STOPPED]:
            self.tasks.remove(task)

    def say(self, message: str) -> None:
        """Record a service event."""
        self.events.append(f"(service {self.service.name}) {message}")
        print(time.strftime("%H:%M:%S"), self.events[-1], flush=True)

    def _active(self) -> list[Task]:
        return [task for task in self.tasks if task.status in {"PENDING", "RUNNING"}]

    def _leaving(self) -> int:
        return sum(task.status in {"DEACTIVATING", "STOPPING"} for task in self.tasks)

    def _count_failures(self) -> None:
        for task in self.tasks:
            if not task.failed or task.id in self._counted:
                continue
            self._counted.add(task.id)
            if task.definition != self.service.definition:
                continue
            self.failures += 1
            self._start_at = time.monotonic() + min(_LONGEST_WAIT_S, 2 ** (self.failures - 1)) - 1
            self.failure = {
                "deployment": self.service.deployment,
                "task": task.id,
                "reason": task.reason,
                "log": [
                    line for item in task.containers for line in logs.tail(task.log(item.name), _LAST_LINES)
                ],
            }
        if (
            self.state == "IN_PROGRESS"
            and self.service.breaker
            and self.failures >= self.service.failures_allowed
        ):
            last = (self.failure or {})["reason"]
            self._fail(f"{self.failures} tasks failed to start, the last one: {last}.")

    def _fail(self, reason: str) -> None:
        self.state, self.reason = "FAILED", reason
        self.say(f"deployment failed: {reason}")
        for task in self._active():
            if task.definition == self.service.definition:
                task.end("Deployment failed")

    def _schedule(self) -> None:
        seen = [
            Seen(
                id=task.id,
                definition=task.definition,
                zone=task.zone,
                healthy=task.status == "RUNNING",
                started_s=task.created_s,
            )
            for task in self._active()
        ]
        may_start = self.state != "FAILED" and time.monotonic() >= self._start_at
        step = plan(self.service, seen, leaving=self._leaving(), may_start=may_start)
        for task in self.tasks:
            if task.id in step.stop:
                task.end("Scaling activity or deployment of the service")
        for zone in step.start:
            try:
                task = self.launch(self.service, uuid.uuid4().hex, zone)
            except LocalCloudError as error:
                self.failure = {
                    "deployment": self.service.deployment,
                    "task": "",
                    "reason": str(error),
                    "log": [],
                }
                self._fail(str(error))
                return
            self.tasks.append(task)
            task.start()

    def _complete(self) -> None:
        active = self._active()
        current = all(task.definition == self.service.definition for task in active)
        healthy = sum(task.status == "RUNNING" for task in active)
        if current and healthy == len(active) == self.service.desired and not self._leaving():
            self.failures = 0
            if self.state == "IN_PROGRESS":
                self.state, self.reason = "COMPLETED", "ECS deployment completed."
                self.say("has reached a steady state.")


def start_limit_s(service: Service, longest_s: float) -> float:
    """How long a task may take to its first success: the grace period, cut short here."""
    return min(service.grace_s or math.inf, longest_s)
