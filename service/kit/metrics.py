"""What a worker did in each interval, as one line of CloudWatch's embedded metric format (EMF) on stdout.

CloudWatch makes metrics of it: no agent, no API call, no line per request. An idle worker writes too, because
target tracking does nothing while it has no data. Names, units and the dimension are a contract with
`infra/contract/metrics.py`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import logging
import math
import os
import threading
import time
from collections import Counter, defaultdict, deque
from datetime import UTC, datetime
from typing import Any

from flask import Flask

from service.kit.exchange import Exchange, Observer
from service.kit.slots import slots

NAMESPACE = "FlaskFargate"
# One dimension, for a custom metric is paid per combination: routes, versions and workers are members of the
# line, free and searchable in CloudWatch Logs Insights.
DIMENSION = "Environment"
UNITS = {
    "Saturation": "Percent",  # busy slots of all slots, sampled each second
    "Requests": "Count",
    "Responses4xx": "Count",
    "Responses5xx": "Count",
    "Latency": "Milliseconds",
    "ShedRequests": "Count",  # refused with 503 because the service was full
    "WorkerRestarts": "Count",
}
INTERVAL_S = 10
MAX_VALUES = 100  # of a metric in one line (EMF specification)
MAX_ROUTES = 50  # keeps the line below the 16 KiB at which container runtimes cut lines
# Of one second; a bound for where nobody counts, as under another server.
MAX_WAITING = 100_000
# Latencies are kept in buckets that are 10 % wide, so that a busy worker keeps no more than an idle one.
WIDTH = math.log(1.1)
FLOOR_MS = 0.1

log = logging.getLogger("service.metrics")


class Interval:
    """What is counted between two lines."""

    def __init__(self) -> None:
        self.saturation: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.latencies: Counter[int] = Counter()
        self.routes: defaultdict[str, Counter[int]] = defaultdict(Counter)


class Recorder:
    """Counts the exchanges of one worker process."""

    def __init__(self) -> None:
        self._ended: deque[tuple[int, str | None, float]] = deque(maxlen=MAX_WAITING)
        self._interval = Interval()

    def record(self, exchange: Exchange) -> None:
        """Note one, which is all that a request waits for: `sample` counts it."""
        self._ended.append((exchange.status // 100, exchange.route, exchange.duration_s))

    def sample(self) -> None:
        """Count what has ended, and note how busy the worker is now; called by one thread, each second."""
        self._count()
        self._interval.saturation.append(round(100 * slots.busy / slots.total, 1) if slots.total else 0.0)

    def take(self) -> Interval:
        """The interval so far; the next one begins."""
        self._count()
        taken, self._interval = self._interval, Interval()
        return taken

    def _count(self) -> None:
        interval = self._interval
        for _ in range(len(self._ended)):
            hundreds, route, seconds = self._ended.popleft()
            interval.statuses[hundreds] += 1
            interval.latencies[_bucket(seconds * 1000)] += 1
            route = route or "no route"
            if route in interval.routes or len(interval.routes) < MAX_ROUTES:
                interval.routes[route][hundreds] += 1


def _bucket(milliseconds: float) -> int:
    return max(0, round(math.log(max(milliseconds, FLOOR_MS) / FLOOR_MS) / WIDTH))


def _values(latencies: Counter[int]) -> list[float]:
    """At most MAX_VALUES latencies, ms, that stand for all: evenly spaced in their order, with the last."""
    ordered = [bucket for bucket in sorted(latencies) for _ in range(latencies[bucket])]
    step = max(1.0, (len(ordered) - 1) / (MAX_VALUES - 1))
    chosen = [ordered[round(number * step)] for number in range(min(len(ordered), MAX_VALUES))]
    return [float(f"{FLOOR_MS * math.exp(bucket * WIDTH):.3g}") for bucket in chosen]


class Reporter:
    """Writes a worker's line every INTERVAL_S and, so that nothing is lost, one at its end."""

    def __init__(self, recorder: Recorder, *, environment: str, version: str, restarted: bool) -> None:
        self._recorder = recorder
        self._labels = {DIMENSION: environment, "Version": version, "Worker": os.getpid()}
        self._restarts = int(restarted)
        self._shed = slots.shed
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Begin; call it in the worker, for threads do not survive a fork."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end."""
        self._ends.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        next_line = time.monotonic() + INTERVAL_S
        while not self._ends.wait(1):
            self._recorder.sample()
            if time.monotonic() >= next_line:
                next_line += INTERVAL_S
                self._write()

    def _write(self) -> None:
        log.info("%s", json.dumps(self.line(), separators=(",", ":")))

    def line(self) -> dict[str, Any]:
        """The interval so far as an EMF document, with the members that all our lines have."""
        interval = self._recorder.take()
        shed, restarts = slots.shed, self._restarts
        values: dict[str, Any] = {
            "Saturation": interval.saturation[-MAX_VALUES:] or [0.0],
            "Requests": interval.statuses.total(),
            "Responses4xx": interval.statuses[4],
            "Responses5xx": interval.statuses[5],
            "ShedRequests": shed - self._shed,
            "WorkerRestarts": restarts,
        }
        if interval.latencies:
            values["Latency"] = _values(interval.latencies)
        self._shed, self._restarts = shed, 0
        now = datetime.now(UTC)
        return {
            "_aws": {
                "Timestamp": int(now.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [[DIMENSION]],
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                    }
                ],
            },
            "timestamp": f"{now.isoformat(timespec='microseconds')[:-6]}Z",
            "level": "info",
            "logger": log.name,
            "message": "metrics",
            **self._labels,
            **values,
            "Routes": {
                route: {f"{hundreds}xx": count for hundreds, count in sorted(statuses.items())}
                for route, statuses in sorted(interval.routes.items())
            },
        }


def init_app(app: Flask) -> Observer:
    """Return what counts for the app's metrics."""
    app.extensions["metrics"] = recorder = Recorder()
    return recorder.record


def start(app: Flask, *, restarted: bool) -> None:
    """Report what this worker does from now on; Gunicorn's hook calls it after the fork."""
    if "metrics" not in app.extensions:
        return
    app.extensions["metrics_reporter"] = reporter = Reporter(
        app.extensions["metrics"],
        environment=app.config["ENVIRONMENT"],
        version=app.config["VERSION"],
        restarted=restarted,
    )
    reporter.start()


def stop(app: Flask) -> None:
    """Write the last line."""
    if reporter := app.extensions.pop("metrics_reporter", None):
        reporter.stop()
