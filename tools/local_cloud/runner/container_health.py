"""Run the health checks of a task's containers, as ECS does for those that no load balancer asks.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
"""

import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Until its first success a container is asked more often than its task definition says, to save waiting.
_FIRST_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Check:
    """Hold what a task definition says about the health of a container."""

    command: tuple[str, ...]
    interval_s: float
    timeout_s: float
    retries: int
    start_period_s: float

    @classmethod
    def of(cls, container: dict[str, Any]) -> "Check | None":
        """Return the check of a container of a task definition, if it has one."""
        check = container.get("healthCheck")
        if not check or check["command"] == ["NONE"]:
            return None
        how, *words = check["command"]
        return cls(
            command=("/bin/sh", "-c", *words) if how == "CMD-SHELL" else tuple(words),
            interval_s=check.get("interval", 30),
            timeout_s=check.get("timeout", 5),
            retries=check.get("retries", 3),
            start_period_s=check.get("startPeriod", 0),
        )

    def passes(self, *, folder: Path, environment: dict[str, str]) -> bool:
        """Run the command beside the container's own; return whether it ends in time, with exit code 0."""
        try:
            done = subprocess.run(  # the task definition's own command
                self.command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0


class Health:
    """The health of one container: UNKNOWN at first, then HEALTHY or UNHEALTHY."""

    def __init__(self, check: Check, *, folder: Path, environment: dict[str, str]) -> None:
        self._check, self._folder, self._environment = check, folder, environment
        self.status = "UNKNOWN"
        self._misses = 0
        self._began_at = self._next_at = time.monotonic()
        self._asked: Future[bool] | None = None

    def step(self, pool: Executor) -> None:
        """Take note of an answer, and ask again when it is time."""
        now = time.monotonic()
        if self._asked and self._asked.done():
            self._judge(now, passed=self._asked.result())
            self._asked = None
        if not self._asked and now >= self._next_at:
            often = self.status == "UNKNOWN"
            self._next_at = now + (_FIRST_S if often else self._check.interval_s)
            self._asked = pool.submit(self._check.passes, folder=self._folder, environment=self._environment)

    def _judge(self, now: float, *, passed: bool) -> None:
        if passed:
            self.status, self._misses = "HEALTHY", 0
        elif now - self._began_at >= self._check.start_period_s:
            self._misses += 1
            if self._misses >= self._check.retries:
                self.status = "UNHEALTHY"


def of_all(each: Sequence[Health]) -> str:
    """Return the health of a task: that of its least healthy container."""
    found = {health.status for health in each} or {"UNKNOWN"}
    return next(status for status in ("UNHEALTHY", "UNKNOWN", "HEALTHY") if status in found)
