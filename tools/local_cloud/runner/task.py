"""One task: a process group per container, from its first health check to its last SIGKILL.

The order at the end is that of ECS: deregister, wait until drained, SIGTERM, stop timeout, SIGKILL.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
"""

import math
import subprocess
import time
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

from tools.local_cloud.processes import Started, start
from tools.local_cloud.runner.containers import Container
from tools.local_cloud.runner.deployed import Balanced
from tools.local_cloud.runner.probe import probe
from tools.local_cloud.runner.targets import Targets

# Until its first success a task is asked far more often than the target group says: nobody likes to wait.
_FIRST_PROBES_S = 0.2


@dataclass(kw_only=True)
class Task:
    """A task and its place in the ECS life cycle."""

    id: str
    definition: str
    deployment: str
    zone: str
    port: int
    balanced: Balanced
    containers: list[Container]
    logs: Path
    start_limit_s: float
    created_s: float = field(default_factory=time.time)
    started_s: float = 0.0
    stopped_s: float = 0.0
    status: str = "PENDING"  # then RUNNING, DEACTIVATING, STOPPING, STOPPED
    reason: str = ""
    failed: bool = False
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: dict[str, Started] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)
    killed_at_s: dict[str, float] = field(default_factory=dict)
    last_problem: str = ""
    _misses: int = 0
    _probe: Future[str] | None = None
    _probe_at: float = 0.0
    _deadline: float = 0.0

    def log(self, container: str) -> Path:
        """Where a container writes."""
        return self.logs / f"{self.id[:8]}-{container}.log"

    def start(self) -> None:
        """Start every container."""
        self._deadline = time.monotonic() + self.start_limit_s
        for container in self.containers:
            try:
                process = start(
                    container.command,
                    env=container.environment,
                    cwd=container.folder,
                    log=self.log(container.name),
                )
            except OSError as error:
                self.end(f"Container {container.name} did not start: {error}", failed=True)
                return
            self.processes[container.name] = process
            self.started[container.name] = Started.of(process.pid)

    def end(self, reason: str, *, failed: bool = False) -> None:
        """Begin to stop: the load balancer first."""
        if self.status in {"PENDING", "RUNNING"}:
            self.status, self.reason, self.failed = "DEACTIVATING", reason, failed
            self._deadline = time.monotonic() + self.balanced.drain_s

    def step(self, targets: Targets, pool: Executor) -> None:
        """Look at processes, health and deadlines, and do what is due."""
        if self.status == "STOPPED":
            return
        self._reap()
        if self.status in {"PENDING", "RUNNING"}:
            self._check_health(targets, pool)
        if self.status == "DEACTIVATING" and targets.drained(self.port, self._deadline):
            self._terminate()
        if self.status == "STOPPING":
            self._finish()

    def _reap(self) -> None:
        for container in self.containers:
            process = self.processes.get(container.name)
            if not process or process.poll() is None or container.name in self.exit_codes:
                continue
            code = self.exit_codes[container.name] = process.returncode
            if container.essential:
                self.end(f"Essential container {container.name} exited with code {code}", failed=True)

    def _check_health(self, targets: Targets, pool: Executor) -> None:
        if self._probe and self._probe.done():
            self._judge(self._probe.result(), targets)
            self._probe = None
        now = time.monotonic()
        if self.status == "PENDING" and now > self._deadline:
            self.end(f"Task failed its health checks: {self.last_problem or 'no answer'}", failed=True)
        elif not self._probe and now >= self._probe_at:
            self._probe = pool.submit(probe, self.balanced.check, self.port)
            pending = self.status == "PENDING"
            self._probe_at = now + (_FIRST_PROBES_S if pending else self.balanced.check.interval_s)

    def _judge(self, problem: str, targets: Targets) -> None:
        self.last_problem = problem
        self._misses = self._misses + 1 if problem else 0
        if not problem and self.status == "PENDING":
            # A new target needs one success, whatever the threshold.
            targets.register(self.port)
            self.status, self.started_s = "RUNNING", time.time()
        elif self.status == "RUNNING" and self._misses >= self.balanced.check.unhealthy_threshold:
            self.end(f"Task failed {self._misses} health checks: {problem}", failed=True)

    def _terminate(self) -> None:
        self.status = "STOPPING"
        self._signal_those_nobody_needs()

    def _signal_those_nobody_needs(self) -> None:
        """Signal each running container once the ones that depend on it have ended, as ECS does."""
        running = {name: process for name, process in self.processes.items() if process.poll() is None}
        needed = {name for item in self.containers if item.name in running for name in item.after}
        for item in self.containers:
            if item.name in running and item.name not in needed and item.name not in self.killed_at_s:
                self.killed_at_s[item.name] = time.monotonic() + item.stop_timeout_s
                running[item.name].send_signal(item.stop_signal)

    def _finish(self) -> None:
        now = time.monotonic()
        for name, process in self.processes.items():
            if process.poll() is None and now > self.killed_at_s.get(name, math.inf):
                self.exit_codes.setdefault(name, self._kill(name))
        self._signal_those_nobody_needs()
        if all(process.poll() is not None for process in self.processes.values()):
            self.kill()

    def _kill(self, name: str) -> int:
        self.started[name].kill()
        return self.processes[name].wait()

    def kill(self) -> None:
        """End at once whatever is left of every container's process group."""
        for name in self.processes:
            self.exit_codes.setdefault(name, self._kill(name))
        self.status, self.stopped_s = "STOPPED", time.time()
