"""The containers of one task: a process group for each, started and ended together."""

import signal
import subprocess
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

    @property
    def stop_timeout_s(self) -> int:
        """How long the slowest container may take to stop."""
        return max((item.stop_timeout_s for item in self.containers), default=0)

    def log(self, container: str) -> Path:
        """Where a container writes."""
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

    def runs(self) -> bool:
        """Whether any container still runs."""
        return any(process.poll() is None for process in self.processes.values())

    def terminate(self) -> None:
        """Ask every container to end."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End at once whatever is left of every container's process group."""
        for name, process in self.processes.items():
            self.started[name].kill()
            self.exit_codes.setdefault(name, process.wait())
