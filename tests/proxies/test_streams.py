"""Test answers that last: streams, WebSockets, and clients that fall silent."""

import base64
import contextlib
import http.client
import socket
import socketserver
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.service.gunicorn_process import PATIENCE_S, Server
from tests.wait import wait_for

TYPES = ("text/event-stream", "text/plain", "text/html", "application/json", "text/csv")
UPGRADE = (
    b" HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)


class _App(socketserver.StreamRequestHandler):
    """Stream for `/stream`, echo for a WebSocket, else answer with a long body."""

    server: "_Server"

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._answer(b"".join(iter(self.rfile.readline, b"\r\n")))

    def _answer(self, head: bytes) -> None:
        line = head.partition(b"\r\n")[0]
        begin = b"HTTP/1.1 200 OK\r\nServer: gunicorn\r\nConnection: close\r\n"
        asks = {b"upgrade: websocket", b"connection: upgrade"}
        if asks <= {*head.lower().split(b"\r\n")}:
            self.wfile.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
            self.wfile.write(b"Connection: Upgrade\r\n\r\n")
            while data := self.connection.recv(65536):
                self.wfile.write(data)
        elif b"/stream" in line:
            kind = line.split(b" ")[1].partition(b"?")[2]
            self.wfile.write(begin + b"Content-Type: " + kind + b"\r\nTransfer-Encoding: chunked\r\n")
            self.wfile.write(b"X-Accel-Buffering: no\r\n\r\n5\r\nfirst\r\n")
            assert self.server.may_end.wait(PATIENCE_S)
            self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")
        else:
            self.wfile.write(begin + b"Content-Length: 20000000\r\n\r\n" + bytes(20_000_000))
            self.server.sent.set()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _App)
        self.may_end, self.sent = threading.Event(), threading.Event()


@contextmanager
def upstream() -> Iterator[_Server]:
    with _Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server
        finally:
            server.may_end.set()
            server.shutdown()


@pytest.fixture
def app() -> Iterator[_Server]:
    with upstream() as server:
        yield server


@pytest.fixture
def front(run: Callable[..., Server], app: _Server) -> Server:
    server = run(app.server_address[1])

    wait_for(lambda: _open(server), "a port that is open")
    return server


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_every_piece_of_a_stream_arrives_at_once(front: Server, app: _Server, encoding: str) -> None:
    for media_type in TYPES:
        app.may_end.clear()
        connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=PATIENCE_S)
        connection.request("GET", f"/stream?{media_type}", headers={"Accept-Encoding": encoding})
        answer = connection.getresponse()
        unpack = zlib.decompressobj(31) if answer.headers["Content-Encoding"] == "gzip" else None
        text = b""
        while text != b"first":  # the app waits for this before it sends the rest
            piece = answer.read1(100)
            text += unpack.decompress(piece) if unpack else piece
        app.may_end.set()
        rest = answer.read()
        assert (unpack.decompress(rest) if unpack else rest) == b"last"
        assert answer.headers["X-Accel-Buffering"] is None
        connection.close()


# Apache takes no more from the app than the connections hold.
@pytest.mark.parametrize("kind", ["nginx"], indirect=True)
def test_a_slow_reader_holds_no_thread_of_the_app(front: Server, app: _Server) -> None:
    with socket.create_connection(("127.0.0.1", front.port)) as client:
        client.sendall(b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(10) == b"HTTP/1.1 2"
        assert app.sent.wait(PATIENCE_S)


def shake_hands(server: Server, stack: ExitStack, *, path: str = "/socket") -> socket.socket:
    client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
    client.sendall(b"GET " + path.encode() + UPGRADE)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"\r\nupgrade: websocket\r\n" in head.lower()
    return client


def test_a_websocket_is_passed_on_both_ways(front: Server) -> None:
    with ExitStack() as stack:
        client = shake_hands(front, stack)
        for frame in (b"\x81\x85abcdhello", bytes(range(256)) * 500):
            client.sendall(frame)
            answer = b""
            while len(answer) < len(frame):
                answer += client.recv(65536)
            assert answer == frame


def test_websockets_take_no_place_of_requests(run: Callable[..., Server], app: _Server) -> None:
    server = run(app.server_address[1], UPSTREAM_CONNECTIONS="1")
    wait_for(lambda: _open(server), "a port that is open")
    with ExitStack() as stack:
        for _ in range(3):
            shake_hands(server, stack)
        assert server.get("/file")[0].status == 200


def _open(server: Server) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)):
        return True
    return False


def test_a_silent_websocket_outlives_the_read_timeout(run: Callable[..., Server], app: _Server) -> None:
    server = run(app.server_address[1], READ_TIMEOUT_S="1", KEEPALIVE_S="30")
    wait_for(lambda: _open(server), "a port that is open")
    with ExitStack() as stack:
        client = shake_hands(server, stack)
        client.settimeout(3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.sendall(b"\x81\x80abcd")
        assert client.recv(6) == b"\x81\x80abcd"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n" + bytes(80000),
    ],
    ids=["head", "body"],
)
def test_who_falls_silent_within_a_request_is_let_go_in_seconds(front: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=PATIENCE_S) as client:
        client.sendall(sent)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while client.recv(65536):
                pass
        assert time.monotonic() - began < PATIENCE_S
        line = wait_for(lambda: front.lines_with(logger="proxy.access"), "a line about it")[0]
        assert line["status"] in (408, 400)
        assert line["Responses4xx"] == 1
