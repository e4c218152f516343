"""Know what an app does with the socket of a WebSocket, and tell the client when the service ends.

The app, or a library such as flask-sock, speaks WebSocket itself on the socket that Gunicorn hands it.
"""

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from service.kit.slots import Slot, slots

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# "Going away", unmasked, as a server sends it: RFC 6455, sections 5.5.1 and 7.4.1.
GOING_AWAY = b"\x88\x02\x03\xe9"
TOO_MANY = (503, "There are too many WebSockets and streams. Try again in a second.")
_ADMISSION = threading.Lock()


def begin(environ: "WSGIEnvironment", slot: Slot) -> tuple[int, str] | None:
    """Watch the socket of a request for WebSocket; return a refusal instead if there is no thread for it."""
    with _ADMISSION:
        if slots.streams >= slots.most_streams:
            return TOO_MANY
        environ["gunicorn.socket"] = slot.websocket = WebSocket(environ["gunicorn.socket"])
    return None


class WebSocket:
    """The socket of one request that asks for WebSocket; for the app it is the socket itself."""

    def __init__(self, sock: Any) -> None:
        self._sock = getattr(sock, "raw", sock)  # the worker's own socket keeps the head of an answer
        self.accepted = False  # the app has answered on the socket, so no HTTP answer can follow
        self._sending = threading.Lock()  # no close frame may end up within another frame
        self._must_go = slots.stopping
        self._told = False

    def send(self, data: Any, *flags: int) -> int:
        """Send bytes, all of them as a socket that waits does; nothing may follow the close frame."""
        with self._sending:
            if not self._told:
                self.accepted = True
                self._sock.sendall(data, *flags)
        if self._must_go:
            self._tell(flags=0)  # who sends may wait until the client has read
        return len(data)

    def sendall(self, data: Any, *flags: int) -> None:
        """Send all of the bytes."""
        self.send(data, *flags)

    def tell_to_go(self) -> None:
        """Send the close frame now or after what is being sent; the client answers with its own."""
        self._must_go = True
        if self.accepted:
            # A client that reads nothing must not keep the worker waiting: it is told with the next message.
            self._tell(flags=socket.MSG_DONTWAIT)

    def _tell(self, *, flags: int) -> None:
        if not self._sending.acquire(blocking=not flags):
            return  # whoever sends now tells it then
        try:
            with contextlib.suppress(OSError):
                if not self._told:
                    self._sock.send(GOING_AWAY, flags)
                    self._told = True
        finally:
            self._sending.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def is_accepted(slot: Slot | None) -> bool:
    """Return whether the thread's request has become a WebSocket."""
    return bool(slot and slot.websocket and slot.websocket.accepted)
