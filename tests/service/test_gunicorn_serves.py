"""Test a real Gunicorn while it serves; the tests share one server."""

import json
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.service.gunicorn_process import Server
from tests.wait import wait_for


@pytest.fixture(scope="session")
def server(started: Callable[..., Server]) -> Server:
    """Start one worker, so that concurrent requests meet in its threads, with TRUSTED_HOSTS set."""
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS="8", TRUSTED_HOSTS="127.0.0.1")


def upload(head: str, body: bytes) -> bytes:
    return f"POST {head}\r\nHost: 127.0.0.1\r\nConnection: close\r\n".encode() + body


def test_server_header_names_gunicorn(server: Server) -> None:
    assert server.get("/version")[0].headers["Server"] == "gunicorn"


def test_an_answer_ends_its_connection(server: Server) -> None:
    # The next request goes to the worker that has room for it.
    assert server.get("/work")[0].headers["Connection"] == "close"


@pytest.mark.parametrize("host", [b"10.0.1.7:8000", b"evil.example", b"!!"])
def test_healthz_answers_any_host(server: Server, host: bytes) -> None:
    request = b"GET %s HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert server.raw(request % b"/healthz").startswith(b"HTTP/1.1 200 ")
    assert server.raw(request % b"/work").startswith(b"HTTP/1.1 400 ")


def test_every_line_on_stdout_is_json(server: Server) -> None:
    server.get("/boom")
    for line in wait_for(server.lines, "a log line"):
        assert {"timestamp", "level", "logger", "message"} <= line.keys()


@pytest.mark.parametrize("turn", ["first", "second"])  # whichever runs later finds threads that have served
def test_request_ids_do_not_leak_between_threads(server: Server, turn: str) -> None:
    ids = [f"{turn}-{name}" for name in "abcd"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda this: server.get(f"/log-together?name={this}", X_Request_ID=this), ids))
    wait_for(
        lambda: all(server.lines_with(request_id=this, message="request") for this in ids), "access lines"
    )
    for this in ids:
        messages = {line["message"] for line in server.lines_with(request_id=this)}
        assert messages == {f"from logging for {this}", "from structlog", "request"}


def test_an_exception_is_one_line_with_its_stack(server: Server) -> None:
    answer, body = server.get("/boom", X_Request_ID="boom-1")
    lines = wait_for(lambda: server.lines_with(request_id="boom-1", level="error"), "the error line")
    assert (answer.status, b"hunter2" in body) == (500, False)
    assert len(lines) == 1
    assert lines[0]["exception"].startswith("Traceback")
    assert "RuntimeError: the password is hunter2" in lines[0]["exception"]


def test_warnings_are_json_lines_too(server: Server) -> None:
    server.get("/warn", X_Request_ID="warn-1")
    (line,) = wait_for(lambda: server.lines_with(request_id="warn-1", logger="py.warnings"), "the warning")
    assert "this will go away" in line["message"]


def test_one_access_line_per_request_and_none_from_gunicorn(server: Server) -> None:
    server.get("/version?token=hunter2", X_Request_ID="one-1")
    server.get("/healthz", X_Request_ID="one-2")
    server.get("/version", X_Request_ID="one-3")
    wait_for(lambda: server.lines_with(request_id="one-3") and server.lines_with(request_id="one-1"), "lines")
    assert [line["path"] for line in server.lines_with(request_id="one-1")] == ["/version"]
    assert server.lines_with(request_id="one-2") == []
    assert server.lines_with(logger="gunicorn.access") == []
    assert "token=hunter2" not in server.stdout.read_text()


@pytest.mark.parametrize("path", ["/upload", "/form"])
def test_an_upload_that_ends_early_is_refused(server: Server, path: str) -> None:
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    cut = upload(f"{path} HTTP/1.1", f"{kind}Content-Length: 1000\r\n\r\na=23456789".encode())
    assert server.raw(cut).startswith(b"HTTP/1.1 400 ")


def test_a_chunked_upload_that_ends_early_is_refused(server: Server) -> None:
    cut = upload("/upload HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n")
    assert server.raw(cut).startswith(b"HTTP/1.1 400 ")


def test_whole_uploads_are_accepted(server: Server) -> None:
    whole = upload("/upload HTTP/1.1", b"Content-Length: 10\r\n\r\n0123456789")
    chunked = upload("/upload HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n")
    for request in (whole, chunked):
        assert b'{"bytes":10}' in server.raw(request)


def test_an_upload_whose_client_dies_is_logged_as_400(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(
            upload("/upload HTTP/1.1", b"X-Request-ID: dead-1\r\nContent-Length: 1000\r\n\r\n0123456789")
        )
    (line,) = wait_for(lambda: server.lines_with(request_id="dead-1"), "the access line")
    assert line["status"] == 400


@pytest.mark.parametrize(
    "forged",
    ["SCRIPT_NAME: /where", "Script-Name: /where", "X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl"],
)
def test_a_client_cannot_move_the_root_or_choose_the_scheme(server: Server, forged: str) -> None:
    answer = server.raw(
        f"GET /where HTTP/1.1\r\nHost: 127.0.0.1\r\n{forged}\r\nConnection: close\r\n\r\n".encode()
    )
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (body["url"], body["script"]) == ("http://127.0.0.1/where", "")
