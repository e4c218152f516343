"""Test that TRACE_PERCENT sends spans to a collector, and that none are sent without it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.service.gunicorn_process import Server
from tests.service.installed import KIT_APP, copy_kit
from tests.wait import wait_for

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Collector(ThreadingHTTPServer):
    """An OTLP collector that keeps what it gets."""

    received: list[ExportTraceServiceRequest]

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Collector)
        self.server.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector(("127.0.0.1", 0), Handler) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


@pytest.fixture
def traced(started: Callable[..., Server], collector: Collector) -> Callable[..., Server]:
    def start(percent: str, **others: Any) -> Server:
        return started(
            **others,
            GUNICORN_WORKERS="1",
            TRACE_PERCENT=percent,
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
            OTEL_EXPORTER_OTLP_COMPRESSION="none",
            OTEL_BSP_SCHEDULE_DELAY="100",
        )

    return start


def test_a_request_is_a_span_named_by_its_route(collector: Collector, traced: Callable[..., Server]) -> None:
    server = traced("100")
    server.get("/orders/7")
    (span,) = wait_for(lambda: collector.spans, "a span")
    assert span.name == "GET /orders/<int:number>"
    labels = {
        each.key: each.value.string_value
        for each in collector.received[0].resource_spans[0].resource.attributes
    }
    assert (labels["service.version"], labels["deployment.environment.name"]) == ("abc123", "test")
    (line,) = wait_for(lambda: server.lines_with(logger="service.access"), "the access line")
    assert line["trace_id"] == span.trace_id.hex()


HOOK = """
from flask import Flask, g
from structlog.contextvars import get_contextvars

def create_app(settings):
    app = Flask(__name__)
    @app.before_request
    def note():
        g.trace_id = get_contextvars().get("trace_id")
    app.add_url_rule("/", view_func=lambda: str(g.trace_id))
    return app
"""


def test_the_span_has_begun_when_the_hooks_of_the_app_run(
    collector: Collector, traced: Callable[..., Server], tmp_path: Path
) -> None:
    app = tmp_path / "app"
    shutil.copytree(KIT_APP, app)
    (app / "__init__.py").write_text(HOOK)
    _, body = traced("100", checkout=copy_kit(tmp_path / "checkout", app=app)).get("/")
    (span,) = wait_for(lambda: collector.spans, "a span")
    assert body.decode() == span.trace_id.hex()


def test_a_trace_goes_on_that_a_caller_has_begun(collector: Collector, traced: Callable[..., Server]) -> None:
    # 0.0001 %: only the caller's own decision can have sampled it.
    server = traced("0.0001")
    server.get("/work")
    server.get("/work", traceparent=PARENT)
    (span,) = wait_for(lambda: collector.spans, "a span")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])


def test_spans_are_not_lost_when_the_server_stops(
    collector: Collector, started: Callable[..., Server]
) -> None:
    server = started(
        TRACE_PERCENT="100",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}",
        OTEL_BSP_SCHEDULE_DELAY="60000",
    )
    server.get("/work")
    server.process.terminate()
    server.process.wait(15)
    assert [span.name for span in collector.spans] == ["GET /work"]


def test_nothing_is_sent_by_default(collector: Collector, traced: Callable[..., Server]) -> None:
    server = traced("0")
    server.get("/work")
    server.process.terminate()
    server.process.wait(15)
    assert collector.received == []
