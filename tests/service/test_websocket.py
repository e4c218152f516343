"""Test the close frame with which a WebSocket is told that the service ends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from service.kit.websocket import GOING_AWAY, WebSocket
from tests.service.gunicorn_process import PATIENCE_S

FRAME = b"\x82\x7f" + (8_000_000).to_bytes(8, "big") + bytes(8_000_000)


@pytest.fixture
def pair() -> Iterator[tuple[WebSocket, socket.socket]]:
    """Yield an accepted WebSocket, and its client."""
    ours, client = socket.socketpair()
    with ours, client:
        client.settimeout(PATIENCE_S)
        made = WebSocket(ours)
        made.send(b"101")
        assert client.recv(3) == b"101"
        yield made, client


def test_no_close_frame_ends_up_within_another_frame(pair: tuple[WebSocket, socket.socket]) -> None:
    websocket, client = pair
    sender = threading.Thread(target=websocket.send, args=(FRAME,))
    sender.start()
    got = client.recv(100)  # it is on its way, and too large for the buffers
    websocket.tell_to_go()
    while len(got) < len(FRAME) + len(GOING_AWAY):
        got += client.recv(1_000_000)
    sender.join(PATIENCE_S)
    assert got == FRAME + GOING_AWAY


def test_nothing_follows_the_close_frame(pair: tuple[WebSocket, socket.socket]) -> None:
    websocket, client = pair
    websocket.tell_to_go()
    websocket.tell_to_go()
    assert websocket.send(b"\x81\x02hi") == 4
    websocket.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: client.recv(100), b"")) == GOING_AWAY


def test_who_reads_nothing_keeps_nobody_waiting(pair: tuple[WebSocket, socket.socket]) -> None:
    websocket, _ = pair
    with pytest.raises(BlockingIOError):
        websocket.send(FRAME, socket.MSG_DONTWAIT)
    websocket.tell_to_go()


def test_who_was_too_slow_to_be_told_is_told_with_the_next_message(
    pair: tuple[WebSocket, socket.socket],
) -> None:
    websocket, client = pair
    with pytest.raises(BlockingIOError):
        websocket.send(FRAME, socket.MSG_DONTWAIT)
    websocket.tell_to_go()
    client.setblocking(False)
    with suppress(BlockingIOError):
        while client.recv(1_000_000):
            pass
    client.setblocking(True)
    websocket.send(b"\x81\x02hi")
    websocket.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: client.recv(100), b"")) == b"\x81\x02hi" + GOING_AWAY


def test_what_begins_while_the_service_ends_is_told_after_the_handshake() -> None:
    ours, client = socket.socketpair()
    with ours, client:
        websocket = WebSocket(ours)
        websocket.tell_to_go()
        websocket.sendall(b"101")
        websocket.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: client.recv(100), b"")) == b"101" + GOING_AWAY
