"""Test that what the log and the metrics say is what the client got, whatever fails after the view."""

import json
from collections.abc import Callable

import pytest

from tests.service.gunicorn_process import Server
from tests.wait import wait_for

BEFORE_THE_HEAD = ["first", "header", "status", "teardown", "exit", "interrupt", "other"]


@pytest.fixture(scope="module")
def server(started: Callable[..., Server]) -> Server:
    return started(GUNICORN_WORKERS="1")


def access_line(server: Server, request_id: str) -> dict[str, object]:
    (line,) = wait_for(
        lambda: server.lines_with(request_id=request_id, message="request"), f"the line of {request_id}"
    )
    return line


@pytest.mark.parametrize("how", BEFORE_THE_HEAD)
def test_what_fails_before_the_head_is_a_problem_in_answer_and_log(server: Server, how: str) -> None:
    answer, body = server.get(f"/fails/{how}", X_Request_ID=f"before-{how}")
    assert (answer.status, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.headers["X-Request-ID"] == json.loads(body)["request_id"] == f"before-{how}"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert access_line(server, f"before-{how}")["status"] == 500
    (error,) = server.lines_with(request_id=f"before-{how}", level="error")
    assert str(error["exception"]).startswith("Traceback")


def test_an_answer_that_promises_a_body_and_has_none_is_a_problem(server: Server) -> None:
    answer, body = server.get("/fails/empty", X_Request_ID="none-came")
    assert (answer.status, json.loads(body)["request_id"]) == (500, "none-came")
    line = access_line(server, "none-came")
    assert (line["status"], line.get("broken")) == (500, None)


@pytest.mark.parametrize("how", ["midway", "short"])
def test_what_fails_later_ends_the_connection_and_is_marked(server: Server, how: str) -> None:
    request = f"GET /fails/{how} HTTP/1.1\r\nHost: a\r\nX-Request-ID: later-{how}\r\n\r\n".encode()
    answer = server.raw(request)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert not answer.endswith(b"0\r\n\r\n")  # the end of an answer in chunks
    line = access_line(server, f"later-{how}")
    assert (line["status"], line["broken"]) == (200, True)
    assert len(server.lines_with(request_id=f"later-{how}", level="error")) == 1


def test_an_answer_is_never_longer_than_it_says(server: Server) -> None:
    answer = server.raw(b"GET /fails/long HTTP/1.1\r\nHost: a\r\nX-Request-ID: long-1\r\n\r\n")
    assert answer.endswith(b"\r\n\r\n" + b"x" * 50 + b"y" * 50)
    line = access_line(server, "long-1")
    assert (line["response_bytes"], line["broken"]) == (100, True)


def test_an_answer_that_is_whole_is_not_marked(server: Server) -> None:
    server.get("/work", X_Request_ID="whole-1")
    assert {"broken", "shed"}.isdisjoint(access_line(server, "whole-1"))


def test_the_worker_survives_all_of_them(server: Server) -> None:
    for how in [*BEFORE_THE_HEAD, "midway", "short", "long"]:
        server.raw(f"GET /fails/{how} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert server.count("Booting worker") == 1


def test_failures_are_counted_as_errors_and_broken_answers(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1")
    for how in ("first", "header", "exit", "midway", "short"):
        server.raw(f"GET /fails/{how} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    server.process.terminate()
    server.process.wait(15)
    lines = server.lines_with(message="metrics")
    assert sum(line["Responses5xx"] for line in lines) == 3
    assert sum(line["BrokenAnswers"] for line in lines) == 2


@pytest.mark.parametrize(
    ("path", "unbuffered"), [("/endless?until=/", "no"), ("/work", None), ("/fails/short", None)]
)
def test_only_a_stream_is_marked_for_the_proxy(server: Server, path: str, unbuffered: str | None) -> None:
    answer = server.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert (b"X-Accel-Buffering: no\r\n" in answer) == (unbuffered == "no")


REFUSED = {
    "no header name": (b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
    "two lengths": (
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        400,
    ),
    "an unknown coding": (b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: what\r\n\r\n", 501),
    "too many headers": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 2000 + b"\r\n", 431),
    "a health check": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
}


@pytest.mark.parametrize(("request_", "status"), REFUSED.values(), ids=REFUSED)
def test_what_gunicorns_parser_refuses_is_answered_and_logged_as_all_else(
    server: Server, request_: bytes, status: int
) -> None:
    before = len(server.lines_with(message="request", status=status))
    head, _, body = server.raw(request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["status"] == status
    for header in (b"Content-Type: application/problem+json", b"X-Request-ID: ", b"X-Frame-Options: DENY"):
        assert header in head
    wait_for(
        lambda: len(server.lines_with(message="request", status=status)) == before + 1, "the access line"
    )
