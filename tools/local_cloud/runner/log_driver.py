"""Send what a container writes to its log group, line by line, as the awslogs driver does.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from tools.local_cloud.cloud import ACCOUNT, Cloud
from tools.local_cloud.runner.containers import Container

_MOST_BYTES = 500_000


class Source(Protocol):
    """A task as the log driver sees it."""

    id: str
    status: str
    containers: list[Container]

    def log(self, container: str) -> Path:
        """Return the file that a container writes to."""


class LogDriver:
    """A reader of new lines in the containers' log files, which sends them to the emulator.

    `hear` gets each task's id and line, too.
    """

    def __init__(self, cloud: Cloud, hear: Callable[[str, str], None]) -> None:
        self._cloud, self._hear = cloud, hear
        self._read: dict[Path, int] = {}

    def ship(self, tasks: Iterable[Source]) -> None:
        """Send every whole line that is new; of a stopped task the rest too."""
        seen = set()
        for task in tasks:
            for container in task.containers:
                path = task.log(container.name)
                seen.add(path)
                lines = self._new_lines(path, ended=task.status == "STOPPED")
                for line in lines:
                    self._hear(task.id, line)
                if lines and container.log_group:
                    stream = f"{container.log_stream_prefix}/{container.name}/{task.id}"
                    self._send(container.log_group, stream, lines)
        self._read = {path: read for path, read in self._read.items() if path in seen}

    def _new_lines(self, path: Path, *, ended: bool) -> list[str]:
        begin = self._read.get(path, 0)
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                begin = 0 if size < begin else begin  # the log was cut
                file.seek(begin)
                data = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return []
        if not (ended and begin + len(data) == size) and len(data) < _MOST_BYTES:
            data = data[: data.rfind(b"\n") + 1]
        self._read[path] = begin + len(data)
        return data.decode(errors="replace").splitlines()

    def _send(self, group: str, stream: str, lines: list[str]) -> None:
        where = {"account": ACCOUNT, "region": self._cloud.region, "group": group, "stream": stream}
        self._cloud.call("logs", {**where, "lines": lines})
