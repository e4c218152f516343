"""Yours: test that the app reads from ECS which task it is."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import HttpUrl
from structlog.testing import capture_logs

from service.app.task import COLOURS, colour, read_task

ANSWERS = {
    "/v4/good/task": {
        "TaskARN": "arn:aws:ecs:eu-west-1:1:task/web/0123abc",
        "AvailabilityZone": "eu-west-1a",
    },
    "/v4/odd/task": ["not", "a", "task"],
    "/v4/short/task": {"TaskARN": None},
}


class Metadata(BaseHTTPRequestHandler):
    """ECS's task metadata endpoint, with one answer per path."""

    def do_GET(self) -> None:
        body = json.dumps(ANSWERS.get(self.path)).encode()
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def metadata() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}/v4"
        server.shutdown()


def test_task_and_zone_come_from_ecs(metadata: str) -> None:
    assert read_task(HttpUrl(f"{metadata}/good")) == {"task": "0123abc", "zone": "eu-west-1a"}


def test_task_and_zone_are_null_outside_ecs() -> None:
    assert read_task(None) == {"task": None, "zone": None}


@pytest.mark.parametrize("path", ["missing", "odd", "short"])
def test_metadata_that_is_not_understood_is_a_warning(metadata: str, path: str) -> None:
    with capture_logs() as lines:
        assert read_task(HttpUrl(f"{metadata}/{path}")) == {"task": None, "zone": None}
    assert [line["log_level"] for line in lines] == ["warning"]


def test_metadata_that_does_not_answer_is_a_warning() -> None:
    with capture_logs() as lines:
        assert read_task(HttpUrl("http://127.0.0.1:1/v4/x")) == {"task": None, "zone": None}
    assert [line["log_level"] for line in lines] == ["warning"]


def test_a_version_has_the_same_colour_in_every_task_and_two_versions_mostly_differ() -> None:
    assert colour("abc123") == colour("abc123") in COLOURS
    assert len({colour(str(version)) for version in range(50)}) == len(COLOURS)
