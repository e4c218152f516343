"""Count tasks that fail, and end the deployment when there are too many: the circuit breaker of ECS.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import time
from dataclasses import dataclass, field
from typing import Any

from tools.local_cloud import logs
from tools.local_cloud.runner.deployed import Service
from tools.local_cloud.runner.task import Task

# Lines of a failed task's log that are shown.
_LAST_LINES = 25
# ECS waits longer each time before it starts a task that keeps failing; this is the longest here.
_LONGEST_WAIT_S = 30


@dataclass
class Breaker:
    """The state of the current deployment: IN_PROGRESS, COMPLETED or FAILED, and why."""

    state: str
    reason: str = ""
    failures: int = 0
    last_failure: dict[str, Any] | None = None
    _counted: set[str] = field(default_factory=set)
    _closed_until: float = 0.0

    def begin(self, state: str) -> None:
        """Begin to count for a new deployment; a rollback to a completed one keeps the last failure."""
        self.state, self.reason, self.failures, self._closed_until = state, "", 0, 0.0
        if state == "IN_PROGRESS":
            self.last_failure = None

    def may_start(self) -> bool:
        """Return whether a task may be started now."""
        return self.state != "FAILED" and time.monotonic() >= self._closed_until

    def count(self, service: Service, tasks: list[Task]) -> bool:
        """Count each failed task of this deployment once; tell whether they end the deployment now."""
        for task in tasks:
            if task.failed and task.id not in self._counted:
                self._counted.add(task.id)
                if task.deployment == service.deployment:
                    self._count(task)
        over = service.breaker and self.failures >= service.failures_allowed
        if self.state == "IN_PROGRESS" and over and self.last_failure:
            last = self.last_failure["reason"]
            self.fail(f"{self.failures} tasks failed to start, the last one: {last}.")
            return True
        return False

    def _count(self, task: Task) -> None:
        self.failures += 1
        wait_s = min(_LONGEST_WAIT_S, 2 ** (self.failures - 1)) - 1
        self._closed_until = time.monotonic() + wait_s
        lines = [line for item in task.containers for line in logs.tail(task.log(item.name), _LAST_LINES)]
        self.last_failure = {**_words(task), "log": lines}

    def refuse(self, task: Task) -> None:
        """End the deployment because no task can even be started."""
        self.last_failure = {**_words(task), "log": []}
        self.fail(task.reason)

    def fail(self, reason: str) -> None:
        """End the deployment."""
        self.state, self.reason = "FAILED", reason

    def steady(self) -> bool:
        """Note that the desired count serves; tell whether that completes the deployment."""
        self.failures = 0
        if self.state != "IN_PROGRESS":
            return False
        self.state, self.reason = "COMPLETED", "ECS deployment completed."
        return True


def _words(task: Task) -> dict[str, Any]:
    """Return what ECS would tell of a task that failed, and the reason for a person."""
    return {
        "at_s": time.time(),
        "task": task.id,
        "reason": task.reason,
        "stop_code": task.stop_code,
        "stopped_reason": task.stopped_reason,
        "events": [task.unhealthy] if task.unhealthy else [],
        "containers": [
            f"{item.name} exit code {code if code >= 0 else 128 - code}"
            if (code := task.exit_codes.get(item.name)) is not None
            else f"{item.name} no exit code"
            for item in task.containers
        ],
    }
