"""Hold the autoscaler's metrics by the second, from the service's own lines and its processes' CPU."""

import contextlib
import json
import os
from collections import defaultdict
from collections.abc import Collection, Mapping
from statistics import fmean
from typing import Any

import psutil

from tools.rehearsal.policies import Metric

# A line of metrics comes every 10 s (service/kit/metrics.py), and some time passes until it is read.
LAG_S = 12


class Measures:
    """Values of each task by metric and second; those of a second are whole LAG_S later."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, Metric], dict[int, list[float]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._cpu_s: dict[str, float] = {}
        self._sampled_s = 0.0

    def hear(self, task: str, line: str) -> None:
        """Take a line that a task has written, if it is one of the embedded metric format."""
        if '"_aws"' not in line:
            return
        with contextlib.suppress(ValueError, KeyError, TypeError):
            self._take(task, json.loads(line))

    def _take(self, task: str, record: dict[str, Any]) -> None:
        ended = int(record["_aws"]["Timestamp"] / 1000)
        busy = [float(each) for each in record["Saturation"]]
        for back, value in enumerate(reversed(busy)):
            self._values[task, "saturation"][ended - back].append(value)
            self._values[task, "requests"][ended - back].append(60 * record["Requests"] / len(busy))

    def sample(self, now: float, sessions: Mapping[str, Collection[int]], vcpus: Mapping[str, float]) -> None:
        """Measure the CPU of each task since the last sample; `sessions` are the leaders of its processes."""
        passed = now - self._sampled_s
        leaders = {leader: task for task, each in sessions.items() for leader in each}
        used = _cpu_s(leaders)
        for task, total in used.items():
            # The share of a task that has just started is unknown: it was not there for all of the time.
            if task in self._cpu_s and 0 < passed < LAG_S:
                percent = 100 * max(0.0, total - self._cpu_s[task]) / passed / vcpus[task]
                for second in range(int(self._sampled_s) + 1, int(now) + 1):
                    # Fargate gives a task no more than it has; here nothing limits it.
                    self._values[task, "cpu"][second].append(min(100.0, percent))
        self._cpu_s, self._sampled_s = used, now

    def of(self, metric: Metric, tasks: Collection[str], second: int) -> float | None:
        """Return the metric of a service's tasks in a second, as CloudWatch sums it up; None without any."""
        found = [self._values[task, metric].get(second) for task in tasks if (task, metric) in self._values]
        values = [value for each in found if each for value in each]
        if not values:
            return None
        return sum(values) / len(tasks) if metric == "requests" else fmean(values)

    def forget(self, second: int) -> None:
        """Drop all values up to a second."""
        for key, values in list(self._values.items()):
            for past in [each for each in values if each <= second]:
                del values[past]
            if not values:
                del self._values[key]


def _cpu_s(leaders: Mapping[int, str]) -> dict[str, float]:
    """Return the CPU of each task's processes in one pass over all of this machine's."""
    used: dict[str, float] = defaultdict(float)
    if not leaders:
        return used
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if task := leaders.get(os.getsid(process.pid)):
                used[task] += sum(process.cpu_times()[:4])
    return used
