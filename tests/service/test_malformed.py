"""Test that malformed and smuggled requests are refused without a proxy in front."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.malformed import check
from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for

LIMIT_BYTES = 100_000


@pytest.fixture(scope="module")
def server(started: Callable[..., Server]) -> Server:
    return started(GUNICORN_WORKERS="1", MAX_CONTENT_LENGTH_BYTES=str(LIMIT_BYTES))


def test_all_are_refused_and_no_hidden_request_arrives(server: Server, report: list[str]) -> None:
    report.append(check("no proxy", server, server))


def test_none_is_a_server_error_over_tls_either(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", TLS_TO_TASKS="1")
    for body in (b"zz\r\n", b"5\r\nhelloXX0\r\n\r\n", b"0\r\nContent-Length: 5\r\n\r\n"):
        connection = server.connect()
        connection.putrequest("POST", "/upload")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(body)
        assert connection.getresponse().status == 400
        connection.close()


@pytest.mark.parametrize("host", [b"", b"Host: a/b\r\n", b"Host: a\r\nHost: b\r\n"])
def test_a_request_names_one_host(server: Server, host: bytes) -> None:
    assert server.raw(b"GET /version HTTP/1.1\r\n" + host + b"\r\n").startswith(b"HTTP/1.1 400 ")


def test_http_1_0_may_leave_it_out(server: Server) -> None:
    assert server.raw(b"GET /version HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")


@pytest.mark.parametrize(
    ("host", "status"), [(b"a", b"200"), (b"A", b"200"), (b"b", b"400"), (b"a:80", b"400")]
)
def test_a_target_with_a_host_names_the_same(server: Server, host: bytes, status: bytes) -> None:
    request = b"GET http://a/version HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % host
    assert server.raw(request).startswith(b"HTTP/1.1 %b " % status)


def test_a_client_that_sends_too_much_gets_to_read_why(server: Server) -> None:
    # It reads only when it has sent all, as most do; a reset would take the answer away.
    size = 100 * LIMIT_BYTES
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        client.sendall(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
        client.sendall(b"x" * size)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nConnection: close" in head
    assert json.loads(body)["status"] == 413


def test_clients_that_do_not_close_hold_nobody_up(server: Server) -> None:
    # Gunicorn's own main loop waits two seconds for each of them.
    request = b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    clients = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) for _ in range(30)]
    try:
        for client in clients:
            client.sendall(request)
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert server.get("/healthz")[0].status == 200
    finally:
        for client in clients:
            client.close()


def test_they_do_not_hold_up_the_end_of_the_worker_for_long(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_GRACEFUL_TIMEOUT_S="60")
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        client.sendall(b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        server.process.terminate()
        assert server.process.wait(PATIENCE_S) == 0


@pytest.fixture(scope="module")
def busy(started: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a server and keep its only thread and all its waiting places busy."""
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="1")
    with server.held(tmp_path_factory.mktemp("busy"), 4) as requests:
        wait_for(lambda: any(request.done() for request in requests), "the first refusal")
        yield server


HIDDEN = b"GET /smuggled/under-load HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\rContent-Length: 50\r\n",
    ],
    ids=["too-large", "CL.TE", "health", "bare-CR"],
)
def test_a_refused_body_is_not_taken_for_a_request_under_load(busy: Server, head: bytes) -> None:
    # Refusals without a thread look at the head alone, so the connection must end with them.
    with socket.create_connection(("127.0.0.1", busy.port), timeout=PATIENCE_S) as client:
        client.sendall(head + b"\r\n")
        answer = client.recv(65536)
        client.sendall(HIDDEN)
        answer += b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nConnection: close" in answer
