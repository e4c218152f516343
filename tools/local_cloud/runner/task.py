"""Run one task, a process group per container, from its first health check to its last SIGKILL.

The order at the end is that of ECS: deregister, wait until drained, SIGTERM, stop timeout, SIGKILL.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
"""

import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from tools.local_cloud.runner.container_group import ContainerGroup
from tools.local_cloud.runner.container_health import Health, of_all
from tools.local_cloud.runner.deployed import Balanced
from tools.local_cloud.runner.probe import in_elb_words, is_silence, probe
from tools.local_cloud.runner.targets import Targets

# Until its first success a task is checked more often than the target group says, to save waiting.
_FIRST_PROBES_S = 0.2
# A task without a load balancer counts as running once it has lived so long, and its containers are healthy.
_SETTLED_S = 1.0


@dataclass(kw_only=True)
class Task(ContainerGroup):
    """A task and its place in the ECS life cycle."""

    definition: str
    deployment: str
    zone: str
    port: int
    balanced: Balanced | None
    beside: tuple[tuple[Balanced, int], ...] = ()  # further target groups, each with a port of this machine
    start_limit_s: float
    grace_s: float = 0.0
    created_s: float = field(default_factory=time.time)
    started_s: float = 0.0
    stopped_s: float = 0.0
    status: str = "PENDING"  # then RUNNING, DEACTIVATING, STOPPING, STOPPED
    reason: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    failed: bool = False
    last_problem: str = ""
    unhealthy: str = ""
    health: list[Health] = field(default_factory=list)  # of essential containers, without a load balancer
    _misses: int = 0
    _probe: Future[str] | None = None
    _probe_at: float = 0.0
    _deadline: float = 0.0

    def start(self) -> None:
        """Start every container."""
        self._deadline = time.monotonic() + self.start_limit_s
        if problem := self.start_containers():
            self.end(
                f"Container did not start: {problem}",
                failed=True,
                code="TaskFailedToStart",
                in_ecs_words=f"CannotStartContainerError: {problem}",
            )
        elif not self.balanced:
            self.health = [
                Health(each.check, folder=each.folder, environment=each.environment)
                for each in self.containers
                if each.check and each.essential
            ]

    def end(
        self,
        reason: str,
        *,
        failed: bool = False,
        code: str = "ServiceSchedulerInitiated",
        in_ecs_words: str = "",
    ) -> None:
        """Begin to stop: the load balancer first. `reason` is for a person, `in_ecs_words` for the API."""
        if self.status in {"PENDING", "RUNNING"}:
            self.status, self.reason, self.failed = "DEACTIVATING", reason, failed
            self.stop_code, self.stopped_reason = code, in_ecs_words or reason
            self._deadline = time.monotonic() + (self.balanced.drain_s if self.balanced else 0)

    @property
    def places(self) -> list[tuple[Balanced, int]]:
        """Return every target group that the task is in, with its port there."""
        return [(self.balanced, self.port), *self.beside] if self.balanced else []

    def step(self, targets: Sequence[Targets], pool: Executor) -> None:
        """Look at processes, health and deadlines, and do what is due; `targets` are those of `places`."""
        if self.status == "STOPPED":
            return
        self._reap()
        if self.status in {"PENDING", "RUNNING"}:
            if self.balanced and targets:
                self._check_health(self.balanced, targets, pool)
            else:
                self._check_containers(pool)
        if self.status == "DEACTIVATING" and self._is_drained(targets):
            self._terminate()
        if self.status == "STOPPING":
            self._finish()

    def _check_containers(self, pool: Executor) -> None:
        for each in self.health:
            each.step(pool)
        status = of_all(self.health) if self.health else "HEALTHY"
        if status == "UNHEALTHY":
            self.end("Task failed container health checks", failed=True)
        elif status == "HEALTHY" and self.status == "PENDING" and time.time() - self.created_s > _SETTLED_S:
            self.status, self.started_s = "RUNNING", time.time()

    def _is_drained(self, targets: Sequence[Targets]) -> bool:
        # Each is asked, and by that deregisters the task.
        pairs = zip(targets, self.places, strict=True)
        return False not in [each.drained(port, self._deadline) for each, (_, port) in pairs]

    def _reap(self) -> None:
        for container, code in self.exited():
            if container.essential:
                self.end(
                    f"Essential container {container.name} exited with code {code}",
                    failed=True,
                    code="EssentialContainerExited",
                    in_ecs_words="Essential container in task exited",
                )

    def _check_health(self, balanced: Balanced, targets: Sequence[Targets], pool: Executor) -> None:
        if self._probe and self._probe.done():
            self._judge(balanced, self._probe.result(), targets)
            self._probe = None
        now = time.monotonic()
        if self.status == "PENDING" and now > self._deadline and not self._is_loading(now):
            self._unhealthy(balanced, f"Task failed its health checks: {self.last_problem or 'no answer'}")
        elif not self._probe and now >= self._probe_at:
            self._probe = pool.submit(_first_problem, self.places)
            pending = self.status == "PENDING"
            self._probe_at = now + (_FIRST_PROBES_S if pending else balanced.check.interval_s)

    def _is_loading(self, now: float) -> bool:
        """Say whether somebody listens who has not answered yet: a big app is imported for that long."""
        loading = is_silence(self.last_problem) or (self._probe is not None and not self._probe.done())
        return loading and now < self._deadline - self.start_limit_s + self.grace_s

    def _judge(self, balanced: Balanced, problem: str, targets: Sequence[Targets]) -> None:
        self.last_problem = problem
        self._misses = self._misses + 1 if problem else 0
        if not problem and self.status == "PENDING":
            # A new target needs one success only, whatever the threshold.
            for each, (_, port) in zip(targets, self.places, strict=True):
                each.register(port)
            self.status, self.started_s = "RUNNING", time.time()
        elif self.status == "RUNNING" and self._misses >= balanced.check.unhealthy_threshold:
            self._unhealthy(balanced, f"Task failed {self._misses} health checks: {problem}")

    def _unhealthy(self, balanced: Balanced, reason: str) -> None:
        group = balanced.target_group
        words = f"Task failed ELB health checks in (target-group {group})"
        self.end(reason, failed=True, in_ecs_words=words)
        self.unhealthy = (
            f"(port {balanced.port}) is unhealthy in (target-group {group})"
            f" due to (reason {in_elb_words(self.last_problem)})."
        )

    def _terminate(self) -> None:
        self.status = "STOPPING"
        self.terminate()

    def _finish(self) -> None:
        if self.ended():
            self.kill()

    def kill(self) -> None:
        """End at once whatever is left of every container's process group."""
        super().kill()
        self.status, self.stopped_s = "STOPPED", time.time()


def _first_problem(places: Sequence[tuple[Balanced, int]]) -> str:
    """Return why a task is unhealthy in one of its target groups; nothing if it is healthy in all."""
    return next((problem for each, port in places if (problem := probe(each.check, port))), "")
