"""Test the kit's worker under overload, with streams, WebSockets, hanging threads and a lagging balancer."""

import inspect
import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from gunicorn.http.body import LengthReader
from gunicorn.http.parser import Parser
from gunicorn.http.unreader import Unreader
from gunicorn.workers.base import Worker as BaseWorker
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.kit.websocket import GOING_AWAY
from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for

THREADS = 4


@pytest.fixture(scope="session")
def crowded(started: Callable[..., Server]) -> Server:
    """Start a server for the tests that take all threads, so that no other test takes one."""
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS=str(THREADS), GUNICORN_QUEUE_S="0.3")


@pytest.fixture
def full(crowded: Server, tmp_path: Path) -> Iterator[list[Future[int]]]:
    """Keep all threads busy."""
    with crowded.held(tmp_path, THREADS) as requests:
        wait_for(lambda: crowded.get("/work")[0].status == 503, "the first refusal")
        yield requests


@pytest.mark.usefixtures("full")
def test_what_has_waited_too_long_is_refused_as_a_problem_and_logged(crowded: Server) -> None:
    asked_at = monotonic()
    answer, body = crowded.get("/work", X_Request_ID="shed-1")
    assert 0.3 <= monotonic() - asked_at < 5
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (json.loads(body)["status"], json.loads(body)["request_id"]) == (503, "shed-1")
    (line,) = wait_for(lambda: crowded.lines_with(request_id="shed-1"), "the access line")
    assert (line["status"], line["shed"]) == (503, True)


@pytest.mark.usefixtures("full")
def test_a_health_check_does_not_wait_for_a_thread(crowded: Server) -> None:
    asked_at = monotonic()
    assert [crowded.get("/healthz")[0].status for _ in range(5)] == [200] * 5
    assert monotonic() - asked_at < 5 * 0.3


def test_what_does_not_wait_too_long_is_answered_however_many_there_are(
    started: Callable[..., Server],
) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="2", GUNICORN_QUEUE_S="30")
    with ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(lambda _: server.get("/work")[0].status, range(100)))
    assert statuses == [200] * 100


def test_refusals_are_counted_to_the_request(started: Callable[..., Server], tmp_path: Path) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="1", GUNICORN_QUEUE_S="0.1")
    statuses = []

    def ask() -> int:
        statuses.append(server.get("/work")[0].status)
        return statuses[-1]

    with server.held(tmp_path, 1), ThreadPoolExecutor(7) as pool:
        wait_for(lambda: ask() == 503, "the request that holds the thread")
        assert list(pool.map(lambda _: ask(), range(7))) == [503] * 7
    server.process.terminate()
    server.process.wait(PATIENCE_S)
    refused = statuses.count(503)
    assert sum(line["ShedRequests"] for line in server.lines_with(message="metrics")) == refused
    assert len(server.lines_with(message="request", shed=True)) == refused


def test_threads_become_more_while_requests_wait(started: Callable[..., Server], tmp_path: Path) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="12", GUNICORN_QUEUE_S="30")
    with server.held(tmp_path, 11):
        assert server.get("/work")[0].status == 200


def test_the_worker_with_room_takes_what_another_would_keep_waiting(
    started: Callable[..., Server], tmp_path: Path
) -> None:
    server = started(GUNICORN_WORKERS="2", GUNICORN_THREADS="1", GUNICORN_QUEUE_S="2")
    wait_for(lambda: server.count("Booting worker") == 2, "the second worker")
    wait_for(lambda: len({server.get("/worker")[1] for _ in range(8)}) == 2, "answers of both")

    def twenty_come_from_one() -> bool:
        """Ask 20 times; by chance alone, one worker answers them all once in 500,000 tries."""
        answers = set()
        for _ in range(20):
            response, body = server.get("/worker")
            answers.add((response.status, body))
            if len(answers) > 1:
                return False
        return next(iter(answers))[0] == 200

    with server.held(tmp_path, 1) as (held,):
        # A worker with room that gets no CPU for a while leaves requests to the other, which refuses them.
        wait_for(twenty_come_from_one, "20 answers of the worker with room")
        assert not held.done()


def test_silent_connections_take_no_threads(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="2")
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        assert server.get("/work")[0].status == 200


@pytest.fixture(scope="module")
def streaming(started: Callable[..., Server]) -> Server:
    return started(GUNICORN_WORKERS="1", GUNICORN_THREADS="2", GUNICORN_TIMEOUT_S="2", GUNICORN_QUEUE_S="5")


def test_streams_take_no_threads_of_requests_and_no_worker_is_killed_for_them(
    streaming: Server, tmp_path: Path
) -> None:
    until = tmp_path / "until"
    with ThreadPoolExecutor(6) as pool:
        streams = [pool.submit(streaming.get, f"/endless?until={until}") for _ in range(6)]
        for _ in range(3):
            assert streaming.get("/one-second")[0].status == 200
        until.touch()
        assert [stream.result()[1] for stream in streams] == [b"first\nlast\n"] * 6
    assert streaming.count("WORKER TIMEOUT") == 0


HANDSHAKE = (
    b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
HELLO, CLOSE = bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi", bytes([0x88, 0x80, 0, 0, 0, 0])


@contextmanager
def websocket(server: Server, request_id: str = "ws") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client:
        client.sendall(HANDSHAKE + f"X-Request-ID: {request_id}\r\n\r\n".encode())
        yield client


def talk(client: socket.socket) -> bytes:
    client.sendall(HELLO)
    return client.recv(4)


def test_websockets_take_no_threads_of_requests_and_end_as_101(streaming: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(websocket(streaming, f"ws-{number}")) for number in range(5)]
        assert all(client.recv(4096).startswith(b"HTTP/1.1 101 ") for client in clients)
        assert [talk(client) for client in clients] == [b"\x81\x02hi"] * 5
        assert streaming.get("/work")[0].status == 200
        for client in clients:
            client.sendall(CLOSE)
    for number in range(5):
        name = f"ws-{number}"
        (line,) = wait_for(partial(streaming.lines_with, request_id=name), "the access line")
        assert (line["status"], "broken" in line) == (101, False)


def test_more_websockets_than_there_are_threads_for_are_refused(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="2", GUNICORN_STREAMS="1")
    with websocket(server) as first:
        assert first.recv(4096).startswith(b"HTTP/1.1 101 ")
        assert server.get("/one-second")[0].status == 200  # meanwhile the WebSocket gets its own thread
        with websocket(server) as second:
            assert second.recv(4096).startswith(b"HTTP/1.1 503 ")
        assert talk(first) == b"\x81\x02hi"


@pytest.mark.parametrize("told_by", ["signal", "proxy"])
def test_streams_and_websockets_are_told_that_the_service_stops(
    started: Callable[..., Server], tmp_path: Path, told_by: str
) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_THREADS="4", SHARED_FOLDER=str(tmp_path))
    with ThreadPoolExecutor(1) as pool, websocket(server) as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 101 ")
        stream = pool.submit(server.get, "/endless")
        server.get("/one-second")
        if told_by == "signal":
            server.process.terminate()
        else:
            (tmp_path / "stopping").touch()
        assert client.recv(4096) == GOING_AWAY
        client.sendall(CLOSE)
        assert stream.result()[1] == b"first\nstopping\n"
    server.process.terminate()
    assert server.process.wait(PATIENCE_S) == 0


def test_a_worker_whose_threads_all_hang_names_its_requests_and_is_replaced(
    started: Callable[..., Server], tmp_path: Path
) -> None:
    server = started(
        GUNICORN_WORKERS="1", GUNICORN_THREADS="1", GUNICORN_TIMEOUT_S="1", GUNICORN_QUEUE_S="30"
    )
    path = f"/held?until={tmp_path / 'never'}"
    threading.Thread(target=lambda: _ignore(server, path), daemon=True).start()
    wait_for(lambda: server.count("WORKER TIMEOUT") == 1, "the end of the worker")
    (line,) = wait_for(lambda: server.lines_with(path="/held", level="error"), "the name of the request")
    assert "in held" in line["stack"]  # the function in which it hangs
    wait_for(lambda: server.count("Booting worker") == 2, "a new worker")
    wait_for(lambda: server.get("/work")[0].status == 200, "an answer")


def _ignore(server: Server, path: str) -> None:
    try:
        server.get(path, X_Request_ID="hangs-1")
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


def test_requests_that_do_not_end_in_time_are_named(started: Callable[..., Server], tmp_path: Path) -> None:
    server = started(GUNICORN_WORKERS="1", GUNICORN_GRACEFUL_TIMEOUT_S="1")
    threading.Thread(target=lambda: _ignore(server, f"/held?until={tmp_path / 'never'}"), daemon=True).start()
    server.get("/one-second")
    server.process.terminate()
    assert server.process.wait(PATIENCE_S) == 0
    assert [line["request_id"] for line in server.lines_with(path="/held", level="error")] == ["hangs-1"]


def test_what_was_loaded_is_not_searched_for_garbage(crowded: Server) -> None:
    assert json.loads(crowded.get("/frozen")[1])["objects"] > 10000


@pytest.mark.parametrize("size", [1, 64 * 1024, 3_000_000])
def test_an_answer_arrives_although_the_app_reads_no_body(crowded: Server, size: int) -> None:
    head = f"POST /nobody-reads-it HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", crowded.port), timeout=PATIENCE_S) as client:
        client.sendall(head + b"x" * size)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 404


def test_gunicorn_has_the_parts_that_the_worker_uses() -> None:
    methods = ["accept", "get_thread_pool", "handle", "handle_exit", "init_process", "run"]
    assert all(hasattr(ThreadWorker, name) for name in [*methods, "wait_for_and_dispatch_events"])
    assert all(
        hasattr(BaseWorker, name) for name in ("handle_abort", "handle_error", "handle_quit", "notify")
    )
    source = inspect.getsource(ThreadWorker)
    for part in ("self.tpool.shutdown(", "self.nr_conns", "conn.data_ready", "self.method_queue.defer("):
        assert part in source
    assert hasattr(Parser, "finish_body")
    assert hasattr(Unreader, "take_buffered")
    assert "self.length" in inspect.getsource(LengthReader)
    assert set(inspect.signature(TConn.__init__).parameters) == {"self", "cfg", "sock", "client", "server"}
