"""Test what every proxy of a task promises."""

import contextlib
import json
import signal
import socket
import ssl
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.proxies.conftest import SLOTS
from tests.service.gunicorn_process import PATIENCE_S, Server, free_port
from tests.wait import wait_for


def test_the_app_learns_the_clients_address_and_scheme(proxy: Server) -> None:
    _, body = proxy.get("/where", X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="https")
    said = json.loads(body)
    assert said["addr"] == "203.0.113.7"
    assert said["url"] == f"https://127.0.0.1:{proxy.port}/where"


def test_a_client_cannot_choose_its_address(proxy: Server) -> None:
    # The load balancer appends the address it saw to the ones the client claimed.
    _, body = proxy.get("/where", X_Forwarded_For="6.6.6.6, 203.0.113.7")
    assert json.loads(body)["addr"] == "203.0.113.7"


def test_a_path_arrives_as_it_was_sent(proxy: Server, app: Server) -> None:
    assert proxy.get("/version/a%2Fb%20c?d=%20e")[0].status == 404
    wait_for(lambda: app.lines_with(path="/version/a/b c"), "the access line of the decoded path")


def test_server_names_no_version(proxy: Server) -> None:
    for path in ("/version", "/nowhere", "/static/file.txt"):
        assert proxy.get(path)[0].headers["Server"] in {"nginx", "gunicorn", "Apache"}


def test_a_body_above_the_limit_is_a_problem_that_the_app_never_sees(proxy: Server, app: Server) -> None:
    connection = proxy.connect()
    connection.request("POST", "/upload?too-large", headers={"Content-Length": "100001"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(answer.read())["status"] == 413
    connection.close()
    assert app.lines_with(status=413) == []


def test_chunks_above_the_limit_are_refused_however_many_there_are(
    started: Callable[..., Server], run: Callable[..., Server]
) -> None:
    app = started(GUNICORN_WORKERS="1", PROXY_HOPS="2", MAX_CONTENT_LENGTH_BYTES="100000")
    proxy = run(app.port)
    wait_for(proxy.answers, "the first answer")
    for count in (2, 20, 200):
        connection = proxy.connect()
        with contextlib.suppress(ConnectionError):  # who refuses need not read everything
            connection.request("POST", "/upload", body=iter([b"x" * 60_000] * count), encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
        connection.close()


@pytest.mark.parametrize("path", ["/fails/short", "/fails/midway"])
def test_an_answer_that_breaks_ends_its_connection_and_no_other_answer_follows(
    proxy: Server, path: str
) -> None:
    first, second = (f"GET {each} HTTP/1.1\r\nHost: a\r\n\r\n".encode() for each in (path, "/work"))
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=PATIENCE_S) as client:
        client.sendall(first + second)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while data := client.recv(65536):
                answer += data
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"done" not in answer
    assert not answer.endswith(b"0\r\n\r\n")


def test_what_waits_too_long_is_refused_by_the_app_and_the_refusal_passed_on(
    started: Callable[..., Server], run: Callable[..., Server], tmp_path: Path
) -> None:
    app = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="1", GUNICORN_QUEUE_S="0.2", PROXY_HOPS="2")
    proxy = run(app.port)
    wait_for(proxy.answers, "the first answer")
    with proxy.held(tmp_path, 1):
        wait_for(lambda: proxy.get("/work")[0].status == 503, "a refusal")
        answer, body = proxy.get("/work")
        assert (answer.headers["Retry-After"], json.loads(body)["status"]) == ("1", 503)
        assert proxy.get("/healthz")[0].status == 200
    assert proxy.lines_with(logger="proxy.access", status=503) == []
    assert app.lines_with(path="/work", shed=True)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_within_the_limit_arrives_whole(proxy: Server, chunked: bool) -> None:
    connection = proxy.connect()
    connection.request("POST", "/upload", body=iter([b"x" * 50000] * 2) if chunked else b"x" * 100000)
    assert json.loads(connection.getresponse().read()) == {"bytes": 100000}
    connection.close()


def test_text_is_compressed_for_those_who_ask(proxy: Server) -> None:
    assert proxy.get("/static/large.css")[0].headers["Content-Encoding"] is None
    answer, body = proxy.get("/static/large.css", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert body.startswith(b"\x1f\x8b")


def test_pages_are_never_cached(proxy: Server) -> None:
    ids = {proxy.get("/version")[0].headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


SLOW = {
    "silence": b"",
    "a head": b"GET /version HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "a body": b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc",
    "half of a body": b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000,
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_clients_do_not_reach_the_app(proxy: Server, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port)))
            client.sendall(sent)
        for _ in range(2 * SLOTS):
            assert proxy.get("/version")[0].status == 200
        assert proxy.get("/healthz")[0].status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\nabc",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
        b"GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /version HTTP/1.1\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_differently_is_refused(proxy: Server, request_: bytes) -> None:
    answer = proxy.raw(request_ + b"GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert b'"version"' not in answer


@pytest.mark.parametrize("request_", [b"GET /version\r\n\r\n", b"GET /version HTTP/1.10\r\nHost: a\r\n\r\n"])
def test_a_request_of_no_known_version_is_refused(proxy: Server, request_: bytes) -> None:
    assert b'"status":400' in proxy.raw(request_)


def test_of_a_request_with_two_lengths_only_one_arrives(proxy: Server) -> None:
    both = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n"
    hidden = b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n"
    assert b'"version"' not in proxy.raw(both + b"0\r\n\r\n" + hidden)


@pytest.mark.parametrize(
    "kind", ["nginx"], indirect=True
)  # behind Apache the app refuses what waits too long
def test_a_flood_is_refused_at_once_and_health_is_not(running: Callable[..., Server], tmp_path: Path) -> None:
    small = running(UPSTREAM_CONNECTIONS="2")
    with small.held(tmp_path, 3) as requests:
        wait_for(lambda: any(request.done() for request in requests), "the refusal")
        answer, body = small.get("/version")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["status"] == 503
        assert small.get("/healthz")[0].status == 200
    assert sorted(request.result() for request in requests) == [200, 200, 503]
    wait_for(lambda: len(small.lines_with(status=503, ShedRequests=1)) == 2, "a line for each refusal")


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_no_more_is_let_in_than_the_app_says_it_has_time_for(run: Callable[..., Server]) -> None:
    with ExitStack() as stack:
        app = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64))
        shared = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="shared-", ignore_cleanup_errors=True)
        )
        Path(shared).chmod(0o755)  # if root starts the proxy, its workers run as another user
        Path(shared, "places-32").touch()
        front = run(app.getsockname()[1], SHARED_FOLDER=shared)
        wait_for(lambda: _listens(front), "the proxy")
        for _ in range(32):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", front.port)))
            client.sendall(b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n")
            stack.enter_context(app.accept()[0])
        assert front.get("/version")[0].status == 503
    wait_for(lambda: front.lines_with(status=503, ShedRequests=1), "the line of the refusal")


@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_health_on_a_path_of_the_teams_is_not_refused(running: Callable[..., Server], tmp_path: Path) -> None:
    small = running(UPSTREAM_CONNECTIONS="2", HEALTH_PATH="/version")
    with small.held(tmp_path, 3) as requests:
        wait_for(lambda: any(request.done() for request in requests), "the refusal")
        assert small.get("/healthz")[0].status == 503
        assert small.get("/version")[0].status == 200


def test_without_the_app_health_fails(run: Callable[..., Server]) -> None:
    alone = run(free_port())
    answer = wait_for(lambda: _status(alone, "/healthz"), "an answer")
    assert answer == 503
    # That is no overload, and no visitor.
    unseen = {"Requests": 0, "Responses5xx": 0, "ShedRequests": 0}
    wait_for(lambda: alone.lines_with(path="/healthz", status=503, **unseen), "a line about it")
    assert _status(alone, "/readyz?a=b") == 503
    wait_for(lambda: alone.lines_with(path="/readyz", status=503, **unseen), "a line about that")
    assert _status(alone, "/version") == 503
    seen = {"Requests": 1, "Responses5xx": 1, "ShedRequests": 0}
    wait_for(lambda: alone.lines_with(path="/version", status=503, **seen), "a line about a visitor")


def _listens(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port)).close()
    except OSError:
        return False
    return True


def _status(server: Server, path: str) -> int:
    try:
        return server.get(path)[0].status
    except OSError:
        return 0


@pytest.mark.parametrize("stop", ["SIGTERM", "STOPSIGNAL"])
def test_a_lame_duck_serves_on_and_then_finishes_what_is_in_flight(
    running: Callable[..., Server], kind: str, tmp_path: Path, stop: str
) -> None:
    graceful = {"nginx": signal.SIGQUIT, "apache": signal.SIGWINCH}[kind]
    server = running(LAME_DUCK_S="2")
    with server.held(tmp_path, 1) as (request,):
        server.signal(signal.SIGTERM if stop == "SIGTERM" else graceful)
        wait_for(lambda: server.get("/readyz")[0].status == 503, "readiness to fail")
        for _ in range(5):
            assert server.get("/version")[0].status == 200
        wait_for(lambda: not _status(server, "/version"), "the end of the lame duck")
        assert not request.done()
    assert request.result() == 200
    assert server.process.wait(PATIENCE_S) == 0


def test_nothing_is_left_behind(running: Callable[..., Server]) -> None:
    server = running()
    folder = Path(psutil.Process(server.process.pid).environ()["TMPDIR"])
    assert list(folder.iterdir())
    server.signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE_S) == 0
    assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["PORT", "KEEPALIVE_S", "LAME_DUCK_S"])
def test_a_missing_variable_ends_the_start_with_one_line(run: Callable[..., Server], name: str) -> None:
    server = run(free_port(), **{name: None})
    assert server.process.wait(PATIENCE_S) == 1
    assert server.stderr.read_text() == f"proxy cannot start: {name} is not set\n"


def asked_over_tls(port: int, head: bytes = b"GET /version HTTP/1.1") -> bytes:
    """Return the answer over TLS; nothing while nobody listens."""
    context = ssl.create_default_context()
    # A load balancer does not validate the certificates of its targets.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as plain,
            context.wrap_socket(plain) as client,
        ):
            assert client.version() == "TLSv1.3"
            client.sendall(head + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
            return b"".join(iter(lambda: client.recv(65536), b""))
    except ConnectionRefusedError:
        return b""


def test_one_flag_ends_tls_in_the_proxy(run: Callable[..., Server], app: Server) -> None:
    server = run(app.port, TLS_TO_TASKS="1")
    answer = wait_for(lambda: asked_over_tls(server.port), "an answer over TLS")
    assert b'"version"' in answer


@pytest.mark.parametrize("tls", [True, False])
def test_while_tls_comes_or_goes_both_ports_answer_alike(
    run: Callable[..., Server], app: Server, tls: bool
) -> None:
    other = free_port()
    server = run(app.port, OTHER_PORT=str(other), TLS_TO_TASKS="1" if tls else "0")
    secret, plain = (server.port, other) if tls else (other, server.port)
    assert b'"version"' in wait_for(lambda: asked_over_tls(secret), "an answer over TLS")
    # The second is refused by a rule of ours.
    for head in (b"GET /version HTTP/1.1", b"GET /version HTTP/1.10"):
        with socket.create_connection(("127.0.0.1", plain), timeout=PATIENCE_S) as client:
            client.sendall(head + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        status = answer.partition(b"\r\n")[0]
        assert status == asked_over_tls(secret, head).partition(b"\r\n")[0]
        assert (b" 200 " in status) == (not head.endswith(b"0"))
