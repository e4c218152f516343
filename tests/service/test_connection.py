"""Test what happens to a body that the app has not read."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gunicorn.config import Config
from gunicorn.http import RequestParser

from service.server import connection
from service.server.connection import Connection
from service.server.quick import Quick

SIZE = 16 * 1024**2
# Gunicorn's own way takes 0.3 s, and this one 0.01 s.
MOST_CPU_S = 0.1


@contextmanager
def asked(head: str, body: bytes) -> Iterator[Connection]:
    """Send a request and yield its connection when the head has been read."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        sock, address = listener.accept()
        sending = threading.Thread(target=client.sendall, args=(head.encode() + body,))
        sending.start()
        conn = Connection(Config(), sock, address, listener.getsockname())
        conn.parser = RequestParser(conn.cfg, conn.sock, address)
        next(conn.parser)
        yield conn
        sending.join()
        conn.close()


def head(length: int) -> str:
    return f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n"


@pytest.mark.parametrize("read", [0, 100_000])
def test_a_body_that_nobody_reads_costs_next_to_no_cpu(read: int) -> None:
    with asked(head(SIZE), bytes(SIZE)) as conn:
        assert len(conn.parser.mesg.body.read(read)) == read
        before = time.thread_time()
        assert conn.drain()
        assert time.thread_time() - before < MOST_CPU_S


def test_a_chunked_body_is_read_to_its_end() -> None:
    chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    with asked(chunked, b"2710\r\n" + bytes(10_000) + b"\r\n0\r\n\r\n") as conn:
        assert conn.drain()


def test_a_body_that_does_not_come_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "DRAIN_S", 0.1)
    with asked(head(SIZE), b"x" * 1000) as conn:
        assert not conn.drain()


def test_a_body_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "DRAIN_BYTES", 1000)
    with asked(head(50_000), b"x" * 50_000) as conn:
        assert not conn.drain()


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", False),
        (b"", False),
        (head(5).encode() + b"12345", True),
        (head(5).encode() + b"1234", False),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", False),
    ],
)
def test_only_a_request_that_has_come_as_a_whole_is_served_without_waiting(data: bytes, whole: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        conn = Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        assert conn.hasten() is whole
        assert conn.peek() == data


def test_what_is_served_without_waiting_is_read_answered_and_closed() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(head(5).encode() + b"12345")
        conn = Connection(Config(), ours, ("127.0.0.1", 1), ("127.0.0.1", 2))
        assert conn.hasten()
        conn.parser = RequestParser(conn.cfg, conn.sock, ("127.0.0.1", 1))
        assert next(conn.parser).body.read() == b"12345"
        conn.sock.sendall(b"head ")
        conn.sock.sendall(b"and body")
        conn.close()
        assert theirs.recv(100) + theirs.recv(100) == b"head and body"
        assert ours.fileno() == -1


def test_an_answer_to_nobody_is_an_error_as_of_every_socket() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        quick = Quick(ours)
        with pytest.raises(BlockingIOError):
            quick.recv(100)
        theirs.close()
        with pytest.raises(BrokenPipeError):
            quick.sendall(b"answer")
