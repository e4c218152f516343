"""The reference app's own routes."""

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import HttpUrl
from structlog.testing import capture_logs

import service
from service.which_task import read_task

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FOLDER = Path(service.__file__).parent


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


def test_programs_get_json(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": "*/*"}).get_json()
    assert answer["worker"] == os.getpid()
    assert answer.keys() == {"service", "version", "environment", "hostname", "task", "zone", "worker"}
    assert (answer["version"], answer["environment"], answer["task"]) == ("abc123", "test", None)


def test_browsers_get_a_page(client: FlaskClient) -> None:
    assert client.get("/", headers=BROWSER).content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_caches_know_that_the_answer_depends_on_accept(client: FlaskClient, accept: str) -> None:
    headers = client.get("/", headers={"Accept": accept}).headers
    assert (headers["Vary"], headers["Cache-Control"]) == ("Accept", "no-store")


def test_page_needs_nothing_that_its_policy_forbids(client: FlaskClient) -> None:
    response = client.get("/", headers=BROWSER)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(
        r"<script(?![^>]*src=)|<style|style=|\son\w+=|//", response.text.replace("<!doctype", "")
    )


def test_page_finds_its_files(client: FlaskClient) -> None:
    linked = re.findall(r'(?:src|href)="([^"]+)"', client.get("/", headers=BROWSER).text)
    assert len(linked) == 3
    for path in linked:
        with client.get(path) as response:
            assert response.status_code == 200, path


def test_page_offers_what_its_script_fills_in(client: FlaskClient) -> None:
    used = set(re.findall(r'(?:byId|addRow)\("(\w+)"', (FOLDER / "static/which_task.js").read_text()))
    page = client.get("/", headers=BROWSER).text
    assert {"answered", "failed", "ticks"} <= used
    assert [name for name in used if f'id="{name}"' not in page] == []


@pytest.mark.parametrize("given", ["soon", "-1", "31", "nan", "inf", ""])
def test_slow_refuses_other_seconds_and_says_what_is_allowed(client: FlaskClient, given: str) -> None:
    response = client.get("/slow", query_string={"seconds": given})
    assert response.status_code == 400
    assert (
        response.get_json(force=True)["detail"] == f"seconds={given!r} is wrong: give a number from 0 to 30"
    )


def test_slow_answers_after_the_seconds_given(client: FlaskClient) -> None:
    assert client.get("/slow?seconds=0.01").get_json()["seconds"] == 0.01


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
