"""Test that /metrics needs PROMETHEUS_TOKEN and counts all workers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.service.gunicorn_process import Server
from tests.wait import wait_for

TOKEN = "scrape-me-if-you-can"


@pytest.fixture(scope="module")
def server(started: Callable[..., Server]) -> Server:
    return started(PROMETHEUS_TOKEN=TOKEN)


def scraped(server: Server, token: str = TOKEN) -> str:
    response, body = server.get("/metrics", Authorization=f"Bearer {token}")
    assert response.status == 200
    return body.decode()


def test_metrics_are_not_there_by_default(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer wrong-wrong-wrong-wrong", TOKEN])
def test_metrics_are_for_those_who_have_the_token(server: Server, given: str) -> None:
    response, body = server.get("/metrics", Authorization=given)
    assert (response.status, response.headers["Content-Type"]) == (401, "application/problem+json")
    assert b"http_requests" not in body


def test_metrics_count_what_all_workers_have_answered(server: Server) -> None:
    asked = 0
    workers: set[int] = set()
    while len(workers) < 2:
        workers.add(json.loads(server.get("/worker")[1])["worker"])
        asked += 1
        assert asked < 2000, "one of two workers never answered"
    labels = 'method="GET",route="/worker"'
    # A request is counted once its answer has left, so each metric may have the last one a little later.
    counted = f'http_requests_total{{{labels},status="2xx"}} {asked}.0'
    timed = f"http_request_duration_seconds_count{{{labels}}} {asked}.0"
    wait_for(lambda: {counted, timed} <= set(scraped(server).splitlines()), "all requests to be counted")


def test_strangers_cannot_make_up_labels(server: Server) -> None:
    server.get("/made-up-by-a-stranger")
    counted = 'http_requests_total{method="any",route="none",status="4xx"}'
    wait_for(lambda: counted in scraped(server), "the request to be counted")
    assert "made-up" not in scraped(server)


def test_its_files_end_with_the_server(started: Callable[..., Server], tmp_path: Path) -> None:
    server = started(PROMETHEUS_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    assert list(tmp_path.glob("prometheus-*"))
    server.process.terminate()
    server.process.wait(15)
    assert list(tmp_path.glob("prometheus-*")) == []


def test_a_worker_that_has_just_made_its_file_breaks_no_answer(
    started: Callable[..., Server], tmp_path: Path
) -> None:
    server = started(PROMETHEUS_TOKEN=TOKEN, TMPDIR=str(tmp_path))
    (folder,) = tmp_path.glob("prometheus-*")
    (folder / "counter_99999.db").touch()
    server.get("/worker")
    wait_for(lambda: "http_requests_total" in scraped(server), "the counts")
