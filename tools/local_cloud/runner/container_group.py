"""Start and end the containers of one task together, each as a process group."""

import math
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.local_cloud.processes import Started, start
from tools.local_cloud.runner.containers import Container


@dataclass(kw_only=True)
class ContainerGroup:
    """Processes and exit codes by container name."""

    id: str
    containers: list[Container]
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: dict[str, Started] = field(default_factory=dict)
    exit_codes: dict[str, int] = field(default_factory=dict)
    killed_at_s: dict[str, float] = field(default_factory=dict)

    def log(self, container: str) -> Path:
        """Return the file that a container writes to."""
        return self.logs / f"{self.id[:8]}-{container}.log"

    def start_containers(self) -> str:
        """Start every container, up to the first that cannot be; return what was wrong with that one."""
        for container in self.containers:
            try:
                process = start(
                    container.command,
                    env=container.environment,
                    cwd=container.folder,
                    log=self.log(container.name),
                )
            except OSError as error:
                return f"{container.name}: {error}"
            self.processes[container.name] = process
            self.started[container.name] = Started.of(process.pid)
        return ""

    def exited(self) -> Iterator[tuple[Container, int]]:
        """Yield each container that has exited since the last call, and its exit code."""
        for container in self.containers:
            process = self.processes.get(container.name)
            if process and container.name not in self.exit_codes and process.poll() is not None:
                self.exit_codes[container.name] = process.returncode
                yield container, process.returncode

    def terminate(self) -> None:
        """Signal each running container once the ones that depend on it have ended, as ECS does."""
        running = {name: process for name, process in self.processes.items() if process.poll() is None}
        needed = {name for item in self.containers if item.name in running for name in item.after}
        for item in self.containers:
            if item.name in running and item.name not in needed and item.name not in self.killed_at_s:
                self.killed_at_s[item.name] = time.monotonic() + item.stop_timeout_s
                running[item.name].send_signal(item.stop_signal)

    def ended(self) -> bool:
        """Go on with what `terminate` began; tell whether every container has ended."""
        now = time.monotonic()
        for name, process in self.processes.items():
            if process.poll() is None and now > self.killed_at_s.get(name, math.inf):
                self._kill(name)
        self.terminate()
        if any(process.poll() is None for process in self.processes.values()):
            return False
        self._remove_shared()
        return True

    def kill(self) -> None:
        """End at once whatever is left of every container's process group."""
        for name in self.processes:
            self._kill(name)
        self._remove_shared()

    def _remove_shared(self) -> None:
        for container in self.containers:
            for folder in container.shared:
                shutil.rmtree(folder, ignore_errors=True)

    def _kill(self, name: str) -> None:
        self.started[name].kill()
        self.exit_codes.setdefault(name, self.processes[name].wait())
