"""Test that `make up` waits for a load balancer whose first target is not healthy yet."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools.local_cloud import up


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[str, list[int]]]:
    """Serve these statuses one after the other, the last for ever; yield the URL and what was sent."""
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(statuses[min(len(sent), len(statuses) - 1)])
            self.send_response(sent[-1])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", sent
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "_ASK_EVERY_S", 0.0)


@pytest.mark.parametrize(("statuses", "asked"), [((503, 503, 200), 3), ((200,), 1), ((404,), 1), ((500,), 1)])
def test_only_503_is_asked_again(statuses: tuple[int, ...], asked: int) -> None:
    with answering(*statuses) as (url, sent):
        assert up._answer(url) == statuses[-1]
    assert len(sent) == asked


def test_a_service_that_stays_unavailable_is_told_in_the_end() -> None:
    with answering(503) as (url, sent):
        assert up._answer(url, within_s=0) == 503
    assert sent
