"""PROMETHEUS_TOKEN: /metrics for a Prometheus server that sends it as a bearer token.

Off by default: it costs a third of a bare Flask request. A token, for the load balancer forwards every path.
"""

import hmac
import os
import shutil
import tempfile
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request

from service.kit.exchange import Exchange, Observer

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

bp = Blueprint("prometheus", __name__)


def init_app(app: Flask) -> Observer | None:
    """Serve /metrics and return what counts for it; None where it is off, and then nothing is imported."""
    if not app.config["PROMETHEUS_TOKEN"]:
        return None
    app.register_blueprint(bp)
    return _observer()


def _observer() -> Observer:
    from prometheus_client import Counter, Histogram

    labels = ["method", "route"]
    # In a registry of their own: the default one refuses a second app in one process, as tests make.
    requests = Counter("http_requests", "Answered requests.", [*labels, "status"], registry=None)
    seconds = Histogram("http_request_duration_seconds", "From head to end of body.", labels, registry=None)

    def observe(exchange: Exchange) -> None:
        method = exchange.environ["REQUEST_METHOD"] if exchange.route else "any"
        route = exchange.route or "none"
        requests.labels(method, route, f"{exchange.status // 100}xx").inc()
        seconds.labels(method, route).observe(exchange.duration_s)

    return observe


@bp.get("/metrics")
def metrics() -> Response:
    """The counts of all workers of this task."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    token = current_app.config["PROMETHEUS_TOKEN"].get_secret_value()
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(401, "send the header Authorization: Bearer and PROMETHEUS_TOKEN")
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library's
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def make_folder() -> None:
    """Make the files' folder, before prometheus_client is imported; in Gunicorn's master, for all workers."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="prometheus-")


def remove_folder() -> None:
    """Remove it with the server."""
    shutil.rmtree(os.environ.pop(FOLDER, ""), ignore_errors=True)


def forget(worker: Any) -> None:
    """Drop the gauges of a worker that has ended."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library's
