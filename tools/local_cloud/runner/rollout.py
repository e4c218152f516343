"""Keep a service's desired count and perform its deployments, as ECS does."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.runner.breaker import Breaker
from tools.local_cloud.runner.deployed import Service
from tools.local_cloud.runner.launcher import Launcher
from tools.local_cloud.runner.notes import note
from tools.local_cloud.runner.scheduling import Seen, plan
from tools.local_cloud.runner.targets import Targets
from tools.local_cloud.runner.task import Task

_KEPT_STOPPED = 10


@dataclass
class Rollout:
    """The tasks of one service and the deployment they are part of."""

    service: Service
    launcher: Launcher
    targets: Callable[[str], Targets]
    breaker: Breaker
    tasks: list[Task] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def follow(self, service: Service | None) -> None:
        """Apply the service's state in the API; None means that the service was deleted."""
        if service is None:
            for task in self.tasks:
                task.end("Service deleted")
            return
        if service.deployment != self.service.deployment:
            self.breaker.begin(service.rollout)
            self.say(f"has started deployment {service.deployment.rpartition('/')[2]}.")
        self.service = service
        for task in self.tasks:
            # A target group's new health check is for the tasks that are there, too.
            group = task.balanced.target_group if task.balanced else ""
            if service.balanced and service.balanced.target_group == group:
                task.balanced = service.balanced
        if self.breaker.count(service, self.tasks):
            self._failed()
        self._schedule()
        self._complete()

    def rescaled(self, desired: int) -> None:
        """Apply another desired count before it is read from the API."""
        self.service = replace(self.service, desired=desired)

    def step(self, pool: Executor) -> None:
        """Move every task on; forget all but the last stopped ones."""
        for task in self.tasks:
            before = task.status
            task.step([self.targets(each.target_group) for each, _ in task.places], pool)
            if task.unhealthy and before in {"PENDING", "RUNNING"}:
                self.say(task.unhealthy)
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
        note(self.events[-1])

    def _active(self) -> list[Task]:
        return [task for task in self.tasks if task.status in {"PENDING", "RUNNING"}]

    def _leaving(self) -> int:
        return sum(task.status in {"DEACTIVATING", "STOPPING"} for task in self.tasks)

    def _scheduled(self) -> str:
        return f"Scaling activity initiated by (deployment {self.service.deployment})"

    def _failed(self) -> None:
        self.say(f"deployment failed: {self.breaker.reason}")
        for task in self._active():
            if task.deployment == self.service.deployment:
                task.end("Deployment failed", in_ecs_words=self._scheduled())

    def _schedule(self) -> None:
        seen = [
            Seen(
                id=task.id,
                deployment=task.deployment,
                zone=task.zone,
                healthy=task.status == "RUNNING",
                started_s=task.created_s,
            )
            for task in self._active()
        ]
        step = plan(self.service, seen, leaving=self._leaving(), may_start=self.breaker.may_start())
        for task in self.tasks:
            if task.id in step.stop:
                task.end(
                    "Scaling activity or deployment of the service",
                    in_ecs_words=self._scheduled(),
                )
        for zone in step.start:
            try:
                task = self.launcher.task(self.service, zone)
            except LocalCloudError as error:
                refused = self.launcher.refused(self.service, zone, error)
                self.tasks.append(refused)
                self.breaker.refuse(refused)
                self._failed()
                return
            self.tasks.append(task)
            task.start()

    def _complete(self) -> None:
        active = self._active()
        current = all(task.deployment == self.service.deployment for task in active)
        healthy = sum(task.status == "RUNNING" for task in active)
        # A task that has drained serves nobody, so a deployment does not wait until it has stopped.
        draining = any(task.status == "DEACTIVATING" for task in self.tasks)
        steady = current and healthy == len(active) == self.service.desired and not draining
        if steady and self.breaker.steady():
            self.say("has reached a steady state.")
