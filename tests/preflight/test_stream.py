"""Test that the preflight check of a stream tells one that flows from one that does not."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.preflight.test_image_checks import TASK
from tools.preflight import traffic_checks
from tools.preflight.check import Check
from tools.preflight.inside import balancer
from tools.preflight.situation import Load, Situation

OVER = threading.Event()
PIECE = b"data: 1\n\n"


class Streams(BaseHTTPRequestHandler):
    """An app whose paths say how they send."""

    def do_GET(self) -> None:
        """Send three pieces, or more."""
        self.send_response(404 if self.path == "/nothing" else 200)
        self.end_headers()
        if self.path == "/silent":
            OVER.wait(30)
        if self.path == "/held":
            OVER.wait(0.3)
        self.wfile.write(PIECE)
        pause_s = {"/pieces": 0.1, "/endless": 0.02}.get(self.path, 0)
        for _ in range(1000 if self.path == "/endless" else 2):
            if OVER.wait(pause_s):
                break
            self.wfile.write(PIECE)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Return the port of the app."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Streams)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # of clients that go early
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    OVER.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, port: int) -> Any:
    """Return a function that checks a path."""
    monkeypatch.setattr(balancer, "WATCH_S", 0.5)
    monkeypatch.setattr(traffic_checks, "SHORTEST_STREAM_S", 0.1)

    def check(path: str) -> Check:
        pod = SimpleNamespace(
            balance=lambda job, **given: balancer.JOBS[job]({"tls": False, "port": port, **given})
        )
        now = Situation(
            pod=cast(Any, pod), task=replace(TASK, idle_s=cast(int, 0.4)), load=Load(stream_path=path)
        )
        return traffic_checks.stream_check(now)

    return check


@pytest.mark.parametrize("path", ["/pieces", "/endless"])
def test_a_stream_that_flows_passes(checked: Any, path: str) -> None:
    check = checked(path)
    assert check.ok, check.found


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/held", "it is held back"),
        ("/silent", "the load balancer answers 504"),
        ("/short", "too soon to see"),
        ("/nothing", "is answered 404"),
    ],
)
def test_what_is_no_stream_is_named(checked: Any, path: str, fault: str) -> None:
    check = checked(path)
    assert fault in check.found
    assert check.fix
