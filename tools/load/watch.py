"""Watch the tasks of a local service while it answers: what it logs, how busy it says it is, and its CPU."""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psutil

from tools.local_cloud import running
from tools.local_cloud.processes import Started
from tools.local_cloud.state import State


class NothingMeasuredError(ValueError):
    """An error for a time in which no request came."""


@dataclass(frozen=True)
class Watched:
    """Tasks of a service: the sessions that their processes lead, and the files that they log to."""

    sessions: tuple[Started, ...]
    logs: tuple[Path, ...]
    tasks: int

    def cpu_s(self) -> float:
        """Return the CPU that the processes that live have used, with that of their ended children."""
        total = 0.0
        for session in self.sessions:
            for process in session.members():
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += sum(process.cpu_times()[:4])
        return total


def local(state: State) -> Watched:
    """Return the web tasks of the local cloud."""
    tasks = [each for each in running.tasks(state) if each["port"]]
    sessions = tuple(Started(**process) for task in tasks for process in task["processes"])
    return Watched(sessions, tuple(Path(log) for task in tasks for log in task["logs"]), len(tasks))


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Hold what tasks did in a time; `saturation` is None if no line of metrics came."""

    requests: int
    request_ms: float
    cpu_ms: float
    answer_bytes: float
    log_bytes: float
    saturation: float | None
    durations_ms: tuple[float, ...]


class Window:
    """A time from its making to `end`, in which tasks are watched."""

    def __init__(self, watched: Watched, *, idle_s: float = 0) -> None:
        """Begin; first watch for `idle_s` what the tasks use without requests, which is not a request's."""
        self._watched = watched
        idle_cpu_s = watched.cpu_s()
        time.sleep(idle_s)
        self._idle = (watched.cpu_s() - idle_cpu_s) / idle_s if idle_s else 0.0
        self._sizes = {log: _size(log) for log in watched.logs}
        self._cpu_s, self._began, self._began_at = watched.cpu_s(), time.monotonic(), time.time()

    def saturation(self) -> float | None:
        """Return the share of busy threads, %, of the lines so far."""
        return self._saturation(list(self._records()), time.time())

    def end(self, *, load_began: float | None = None, load_ended: float | None = None) -> Measured:
        """Return what was done; how busy, only while the load lasted. Raises NothingMeasuredError."""
        self._began_at = load_began or self._began_at
        idle_s = self._idle * (time.monotonic() - self._began)
        cpu_s = max(0.0, self._watched.cpu_s() - self._cpu_s - idle_s)
        records = list(self._records())
        asked = [record for record, _ in records if record.get("logger") == "service.access"]
        served = [record for record in asked if not record.get("shed")]
        if not served:
            raise NothingMeasuredError(
                "no request was answered in this time: is it the local service that the load went to?"
            )
        return Measured(
            requests=len(served),
            request_ms=fmean(record["duration_ms"] for record in served),
            cpu_ms=1000 * cpu_s / len(asked),
            answer_bytes=fmean(record["response_bytes"] for record in served),
            log_bytes=sum(size for record, size in records if "_aws" not in record) / len(asked),
            saturation=self._saturation(records, load_ended or time.time()),
            durations_ms=tuple(sorted(record["duration_ms"] for record in served)),
        )

    def _saturation(self, records: Sequence[tuple[dict[str, Any], int]], until: float) -> float | None:
        seconds = [each for record, _ in records if "_aws" in record for each in _seconds(record)]
        # The first second holds some time before the load.
        inside = [value for ended, value in seconds if self._began_at + 1 < ended <= until]
        return fmean(inside) if inside else None

    def _records(self) -> Iterator[tuple[dict[str, Any], int]]:
        for log, size in self._sizes.items():
            with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
                file.seek(size if _size(log) >= size else 0)  # a log that was cut begins anew
                for line in file:
                    with contextlib.suppress(ValueError):
                        record = json.loads(line)
                        if isinstance(record, dict):
                            yield record, len(line)


def _seconds(record: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """Yield when each second of a line of metrics ended, and how busy the worker was in it, %."""
    busy = record.get("Saturation", [])
    for back, value in enumerate(reversed(busy)):
        yield record["_aws"]["Timestamp"] / 1000 - back, value


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0
