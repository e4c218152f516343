"""Test the kit's worker under overload, slow clients, hanging threads and a load balancer that lags."""

import json
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for

THREADS = 4
MOST = THREADS * 3


@pytest.fixture(scope="session")
def server(started: Callable[..., Server]) -> Server:
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS=str(THREADS))


@pytest.fixture(scope="session")
def crowded(started: Callable[..., Server]) -> Server:
    """Start a server for the tests that count slots, so that no other test takes one."""
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS=str(THREADS))


@pytest.fixture
def full(crowded: Server, tmp_path: Path) -> Iterator[list[Future[int]]]:
    """Keep all threads and all waiting places busy."""
    with crowded.held(tmp_path, MOST + 2) as requests:
        wait_for(lambda: sum(request.done() for request in requests) == 2, "the refusals")
        yield requests


@pytest.mark.usefixtures("full")
def test_what_would_wait_too_long_is_refused_as_a_problem(crowded: Server) -> None:
    answer, body = crowded.get("/version")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["status"] == 503


@pytest.mark.usefixtures("full")
def test_health_is_green_when_every_slot_is_taken(crowded: Server) -> None:
    assert crowded.get("/healthz")[0].status == 200


def test_another_health_path_is_green_too_and_stays_out_of_the_log(
    started: Callable[..., Server], tmp_path: Path
) -> None:
    server = started(HEALTH_PATH="/up", GUNICORN_WORKERS="1", GUNICORN_THREADS="1")
    assert server.get("/up")[0].status == 200
    with server.held(tmp_path, 4) as requests:
        wait_for(lambda: any(request.done() for request in requests), "the first refusal")
        assert server.get("/up")[0].status == 200
        assert server.get("/healthz")[0].status == 503
    server.get("/version")
    wait_for(lambda: server.lines_with(path="/version"), "the access line")
    assert server.lines_with(path="/up") == []


@pytest.mark.usefixtures("full")
def test_a_refused_client_may_ask_again_on_the_same_connection(crowded: Server) -> None:
    connection = crowded.connect()
    for path, status in (("/version", 503), ("/healthz", 200), ("/version", 503)):
        connection.request("POST" if status == 503 else "GET", path, body="x" if status == 503 else None)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_what_was_admitted_is_answered(crowded: Server, tmp_path: Path) -> None:
    with crowded.held(tmp_path, MOST + 3) as requests:
        wait_for(lambda: sum(request.done() for request in requests) == 3, "the refusals")
    assert sorted(request.result() for request in requests) == [200] * MOST + [503] * 3
    assert crowded.get("/version")[0].status == 200


def test_refusals_are_counted_in_the_log(crowded: Server, full: list[Future[int]]) -> None:
    assert full
    crowded.get("/version")
    wait_for(lambda: crowded.count("Overloaded: "), "the warning")


SLOW = {
    "silence": b"",
    "a head": b"GET /version HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "a body": b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc",
    "chunks": b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_clients_take_no_threads(server: Server, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(10 * THREADS):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(sent)
        for _ in range(THREADS):
            assert server.get("/version")[0].status == 200


def test_what_was_loaded_is_not_searched_for_garbage(server: Server) -> None:
    assert json.loads(server.get("/frozen")[1])["objects"] > 10000


def test_a_body_in_pieces_arrives_whole(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\nConnection: close\r\n\r\n"
        )
        for _ in range(30):
            client.sendall(b"x" * 10000)
        assert b'{"bytes":300000}' in b"".join(iter(lambda: client.recv(65536), b""))


def test_a_client_that_waits_to_be_told_so_is_told_to_go_on(server: Server) -> None:
    head = (
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
        b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        client.sendall(head)
        assert client.recv(65536).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"abc")
        assert b'{"bytes":3}' in b"".join(iter(lambda: client.recv(65536), b""))


def test_requests_sent_ahead_are_answered_in_order(server: Server) -> None:
    post = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
    requests = [post % (size, b"x" * size) for size in (3, 70000, 0, 5)]
    last = b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = server.raw(b"".join(requests) + last)
    sizes = [answer.find(b'{"bytes":%d}' % size) for size in (3, 70000, 0, 5)]
    assert -1 < sizes[0] < sizes[1] < sizes[2] < sizes[3] < answer.find(b'"version"')


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
    ],
)
def test_what_is_wrong_is_refused_and_nothing_after_it_is_served(server: Server, request_: bytes) -> None:
    answer = server.raw(request_ + b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b'"version"' not in answer


def test_a_worker_whose_threads_all_hang_is_replaced(started: Callable[..., Server], tmp_path: Path) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="1", GUNICORN_TIMEOUT_S="1")
    threading.Thread(target=lambda: _ignore(server, f"/held?until={tmp_path / 'never'}"), daemon=True).start()
    wait_for(lambda: server.count("WORKER TIMEOUT") == 1, "the end of the worker")
    wait_for(lambda: server.count("Booting worker") == 2, "a new worker")
    wait_for(lambda: server.get("/version")[0].status == 200, "an answer")


def _ignore(server: Server, path: str) -> None:
    try:
        server.get(path)
    except OSError:
        return  # it hangs until its worker is killed


def test_no_request_is_lost_when_the_balancer_lags_two_seconds(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", LAME_DUCK_S="3")
    server.signal(signal.SIGTERM)
    wait_for(lambda: server.lines_with(message="Handling signal: term"), "the stop")
    wait_for(lambda: server.get("/readyz")[0].status == 503, "readiness to fail")
    ends_at = monotonic() + 2
    while monotonic() < ends_at:  # new connections, as a balancer makes that has not noticed
        assert server.get("/version")[0].status == 200
        assert server.get("/healthz")[0].status == 200
    assert server.process.wait(PATIENCE_S) == 0


def test_sigint_does_not_wait_for_the_lame_duck(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", LAME_DUCK_S="60")
    server.signal(signal.SIGINT)
    assert server.process.wait(PATIENCE_S) == 0


def test_every_signal_to_stop_after_the_first_changes_nothing(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", LAME_DUCK_S="1")
    connection = server.connect()
    connection.request("GET", "/one-second")
    for _ in range(3):
        server.signal(signal.SIGTERM)
    assert connection.getresponse().status == 200
    connection.close()
    assert server.process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("size", [1, 64 * 1024, 300_000])
def test_a_connection_stays_open_as_said_when_the_app_does_not_read_a_body(server: Server, size: int) -> None:
    connection = server.connect()
    connection.auto_open = 0
    connection.connect()
    for method, path, status in (("POST", "/nobody-reads-it", 404), ("GET", "/version", 200)):
        connection.request(method, path, body=b"x" * size if method == "POST" else None)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_what_is_sent_behind_a_body_that_nobody_reads_is_the_next_request(server: Server) -> None:
    post = b"POST /nobody-reads-it HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    said = server.raw(post + b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", said) == [b"404", b"200"]
