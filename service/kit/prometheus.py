"""Serve /metrics to a Prometheus server that sends PROMETHEUS_TOKEN as its bearer token.

Off by default: counting costs a third of a bare Flask request. A token is required because the load balancer
exposes every path.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, abort

from service.kit.bearer import bears
from service.kit.exchange import Exchange, Observer
from service.kit.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def observer(settings: Settings) -> Observer | None:
    """Return the function that counts requests; None, and no import, without a token."""
    return _observer() if settings.prometheus_token else None


def _observer() -> Observer:
    from prometheus_client import Counter, Histogram

    labels = ["method", "route"]
    # Outside the default registry, which refuses a second app in one process, as tests make.
    requests = Counter("http_requests", "Answered requests.", [*labels, "status"], registry=None)
    shed = Counter("http_requests_shed", "Refused with 503, because they waited too long.", registry=None)
    broken = Counter("http_answers_broken", "Answers that ended before their end.", registry=None)
    seconds = Histogram("http_request_duration_seconds", "From head to end of body.", labels, registry=None)

    def observe(exchange: Exchange) -> None:
        method = exchange.environ["REQUEST_METHOD"] if exchange.route else "any"
        route = exchange.route or "none"
        requests.labels(method, route, f"{exchange.status // 100}xx").inc()
        seconds.labels(method, route).observe(exchange.duration_s)
        shed.inc(exchange.shed)
        broken.inc(exchange.broken)

    return observe


def add_routes(own: Flask, settings: Settings) -> None:
    """Let `own` answer /metrics, if there is a token."""
    token = settings.prometheus_token
    if not token:
        return

    @own.get("/metrics")
    def metrics() -> Response:
        """Answer with the counts of all workers of this task."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        if not bears(token):
            abort(401, "send the header Authorization: Bearer and PROMETHEUS_TOKEN")
        registry = CollectorRegistry()
        registry.register(_Counts())
        if settings.shared_folder:
            registry.register(_OfTheProxy(settings.shared_folder / "shed"))
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Counts:
    """A collector of the counts that all workers have written to their files."""

    def collect(self) -> Iterable["Metric"]:
        """Return the sums; called by the library."""
        from prometheus_client.multiprocess import MultiProcessCollector

        # A worker that starts makes its file empty, and the library cannot read an empty file.
        files = [str(file) for file in Path(os.environ[FOLDER]).glob("*.db") if file.stat().st_size]
        merge = MultiProcessCollector.merge
        counts: Iterable[Metric] = merge(files)  # type: ignore[no-untyped-call] # the library's
        return counts


class _OfTheProxy:
    """A collector of what the proxy has refused because the service was full: two bytes of a file each."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def collect(self) -> Iterable["Metric"]:
        """Return the count; called by the library."""
        from prometheus_client.metrics_core import CounterMetricFamily

        refused = self._file.stat().st_size / 2 if self._file.exists() else 0
        text = "Refused with 503 by the proxy, because they would have waited too long."
        yield CounterMetricFamily("http_requests_shed_by_proxy", text, value=refused)


def make_folder() -> None:
    """Make the folder in which all workers count, before prometheus_client is imported."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="prometheus-")


def remove_folder() -> None:
    """Remove the folder when the server ends."""
    shutil.rmtree(os.environ.pop(FOLDER, ""), ignore_errors=True)


def forget(pid: int) -> None:
    """Drop the gauges of a worker that has ended."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call] # the library's
