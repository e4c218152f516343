"""Test that visits start by the clock, against a server that is slow on purpose."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.load.play import Played, play
from tools.load.steps import LoadError

SCENARIO = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    @task
    def visit(self):
        self.client.get("{path}")
"""


class Handler(BaseHTTPRequestHandler):
    """Answers /slow only when `enough` visits are there at once, /fast at once, and else 404."""

    protocol_version = "HTTP/1.1"
    waiting = threading.Semaphore(0)
    enough = threading.Event()

    def do_GET(self) -> None:
        """Answer."""
        if self.path == "/slow":
            Handler.waiting.release()
            Handler.enough.wait(timeout=8)
        self.send_response(200 if self.path in ("/slow", "/fast") else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    """Serve until the test ends."""
    Handler.enough.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        Handler.enough.set()
        server.shutdown()
        thread.join()


def played(url: str, folder: Path, path: str) -> Played:
    scenario = folder / "scenario.py"
    scenario.write_text(SCENARIO.format(path=path))
    return play(url, scenario, rate=20, seconds=1, watched=None, tell=lambda _: None)


def test_a_slow_service_gets_as_many_visits_as_a_fast_one(url: str, tmp_path: Path) -> None:
    fast = played(url, tmp_path, "/fast")
    assert fast.sent >= 10
    assert (fast.answers, fast.errors) == (fast.sent, {})

    def let_go() -> None:
        # Nobody is answered before all have come: users who wait for their answers would never get here.
        for _ in range(fast.sent):
            Handler.waiting.acquire()
        Handler.enough.set()

    threading.Thread(target=let_go, daemon=True).start()
    assert played(url, tmp_path, "/slow").sent == fast.sent


def test_errors_are_counted_by_their_kind(url: str, tmp_path: Path) -> None:
    found = played(url, tmp_path, "/missing")
    assert (found.answers, found.errors) == (0, {"404": found.sent})
    assert not found.carried


def test_a_scenario_without_visitors_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(LoadError, match=r"empty.py has no class of locust.FastHttpUser with a @task"):
        play("http://127.0.0.1:1", tmp_path / "empty.py", rate=1, seconds=1, watched=None, tell=print)
