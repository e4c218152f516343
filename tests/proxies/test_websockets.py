"""Test WebSockets of flask-sock through each proxy, as apps have them and as a task ends."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest
from simple_websocket import Client, ConnectionClosed

from tests.proxies.test_streams import UPGRADE, shake_hands
from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.service.installed import copy_kit
from tests.wait import wait_for

THREADS, STREAMS = 2, 6
GOING_AWAY = 1001
APP = Path(__file__).parent / "sockets"


class Task(NamedTuple):
    """The two servers of a task."""

    proxy: Server
    app: Server

    def open(self, path: str = "/echo", **headers: str) -> Client:
        """Open a WebSocket."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client.connect(f"ws://127.0.0.1:{self.proxy.port}{path}", headers=names)

    @contextmanager
    def opened(self, count: int, path: str = "/echo") -> Iterator[list[Client]]:
        """Open so many WebSockets, and close them."""
        with ExitStack() as stack:
            clients = [self.open(path) for _ in range(count)]
            for client in clients:
                stack.callback(_close, client)
            yield clients


def _close(client: Client) -> None:
    with contextlib.suppress(ConnectionClosed, OSError):
        client.close()


@pytest.fixture(scope="module")
def sockets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_kit(tmp_path_factory.mktemp("sockets"), app=APP)


@pytest.fixture(scope="module")
def begin(
    started: Callable[..., Server],
    run: Callable[..., Server],
    sockets: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Task]:
    """Return a function that starts both; a variable that is given counts for both."""

    def start(**changes: str) -> Task:
        shared = tmp_path_factory.mktemp("shared")
        changes = {"SHARED_FOLDER": str(shared), **changes}
        app = started(
            checkout=sockets,
            GUNICORN_WORKERS="1",
            GUNICORN_THREADS=str(THREADS),
            GUNICORN_STREAMS=str(STREAMS),
            PROXY_HOPS="2",
            **changes,
        )
        proxy = run(app.port, **changes)
        wait_for(proxy.answers, "the first answer through the proxy")
        return Task(proxy, app)

    return start


@pytest.fixture(scope="module")
def task(begin: Callable[..., Task]) -> Task:
    return begin()


@pytest.mark.parametrize(
    "message",
    ["hello", "é" * 40_000, b"\x00\xff", bytes(range(256)) * 8_000, ""],
    ids=lambda m: f"{len(m)} {type(m).__name__}",
)
def test_text_and_bytes_of_every_size_come_back(task: Task, message: str | bytes) -> None:
    with task.opened(1) as (client,):
        for _ in range(3):
            client.send(message)
            assert client.receive(timeout=PATIENCE_S) == message


def test_a_ping_is_answered(task: Task) -> None:
    with ExitStack() as stack:
        client = shake_hands(task.proxy, stack, path="/echo")
        client.sendall(bytes([0x89, 0x82, 0, 0, 0, 0]) + b"hi")
        assert client.recv(4) == bytes([0x8A, 2]) + b"hi"


def test_a_websocket_may_be_silent_for_longer_than_an_answer_may_take(begin: Callable[..., Task]) -> None:
    task = begin(READ_TIMEOUT_S="1", KEEPALIVE_S="30")
    with task.opened(1) as (client,):
        assert client.receive(timeout=2.5) is None
        client.send("still here")
        assert client.receive(timeout=PATIENCE_S) == "still here"


def test_more_websockets_than_allowed_are_refused_and_requests_go_on(begin: Callable[..., Task]) -> None:
    task = begin()
    with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        # All at once: no thread may be taken before the others have been counted.
        asked = [
            stack.enter_context(socket.create_connection(("127.0.0.1", task.proxy.port), timeout=PATIENCE_S))
            for _ in range(3 * STREAMS)
        ]
        for client in asked:
            client.sendall(b"GET /echo" + UPGRADE)
        answers = {client: client.recv(4096).split(b" ")[1] for client in asked}
        assert sorted(answers.values()) == [b"101"] * STREAMS + [b"503"] * 2 * STREAMS
        statuses = list(pool.map(lambda _: task.proxy.get("/work")[0].status, range(10)))
        assert statuses == [200] * 10
        for client in (client for client, status in answers.items() if status == b"101"):
            client.sendall(bytes([0x81, 0x82, 0, 0, 0, 0]) + b"hi")
            assert client.recv(4) == b"\x81\x02hi"
        wait_for(lambda: task.app.lines_with(message="metrics", Streams=STREAMS), "the metric")
    assert len(task.app.lines_with(path="/echo", status=503, shed=True)) == 2 * STREAMS


def test_the_line_of_a_websocket_says_how_it_ended(task: Task) -> None:
    _close(task.open(X_Request_ID="ended-well"))
    failing = task.open("/fails", X_Request_ID="failed")
    failing.send("now")
    with pytest.raises(ConnectionClosed):
        failing.receive(timeout=PATIENCE_S)
    for name, broken in (("ended-well", None), ("failed", True)):
        lines = partial(task.app.lines_with, request_id=name, message="request")
        (line,) = wait_for(lines, "the line")
        assert (line["status"], line.get("broken")) == (101, broken)


def test_who_is_gone_frees_the_thread(begin: Callable[..., Task]) -> None:
    task = begin()
    for _ in range(2 * STREAMS):
        with ExitStack() as stack:
            wait_for(partial(_accepted, task, stack), "a WebSocket")


def _accepted(task: Task, stack: ExitStack) -> bool:
    client = stack.enter_context(socket.create_connection(("127.0.0.1", task.proxy.port), PATIENCE_S))
    client.sendall(b"GET /echo" + UPGRADE)
    return client.recv(12) == b"HTTP/1.1 101"


# ECS stops the proxy first, and the app when the proxy has ended.
def test_when_a_task_stops_every_client_gets_a_close_frame_in_time(begin: Callable[..., Task]) -> None:
    task = begin(GRACEFUL_TIMEOUT_S="30")
    with task.opened(3) as clients:
        for client in clients:
            client.send("hello")
            assert client.receive(timeout=PATIENCE_S) == "hello"
        stopped_at = monotonic()
        task.proxy.process.terminate()
        for client in clients:
            with pytest.raises(ConnectionClosed) as closed:
                client.receive(timeout=PATIENCE_S)
            assert closed.value.reason == GOING_AWAY
    assert task.proxy.process.wait(PATIENCE_S) == 0
    assert monotonic() - stopped_at < PATIENCE_S
    task.app.process.terminate()
    assert task.app.process.wait(PATIENCE_S) == 0
    assert len(task.app.lines_with(path="/echo", status=101)) == 3
    assert task.app.lines_with(path="/echo", broken=True) == []
