"""Know what an app does with the socket of a WebSocket, and tell the client when the service ends.

The app, or a library such as flask-sock, speaks WebSocket itself on the socket that Gunicorn hands it.
"""

import contextlib
from typing import TYPE_CHECKING, Any

from service.kit.slots import Slot, slots

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# "Going away", unmasked, as a server sends it: RFC 6455, sections 5.5.1 and 7.4.1.
GOING_AWAY = b"\x88\x02\x03\xe9"


TOO_MANY = (503, "There are too many WebSockets and streams. Try again in a second.")


def begin(environ: "WSGIEnvironment", slot: Slot) -> tuple[int, str] | None:
    """Watch the socket of a request for WebSocket; return a refusal instead if there is no thread for it."""
    if slots.streams >= slots.most_streams:
        return TOO_MANY
    environ["gunicorn.socket"] = slot.websocket = WebSocket(environ["gunicorn.socket"])
    return None


class WebSocket:
    """The socket of one request that asks for WebSocket; for the app it is the socket itself."""

    def __init__(self, sock: Any) -> None:
        self._sock = getattr(sock, "raw", sock)  # the worker's own socket keeps the head of an answer
        self.accepted = False  # the app has answered on the socket, so no HTTP answer can follow

    def send(self, *arguments: Any) -> Any:
        """Send bytes."""
        self.accepted = True
        return self._sock.send(*arguments)

    def sendall(self, *arguments: Any) -> Any:
        """Send all of the bytes."""
        self.accepted = True
        return self._sock.sendall(*arguments)

    def tell_to_go(self) -> None:
        """Send the close frame; the client answers with its own, which ends the app's side."""
        if self.accepted:
            with contextlib.suppress(OSError):
                self._sock.sendall(GOING_AWAY)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def is_accepted(slot: Slot | None) -> bool:
    """Return whether the thread's request has become a WebSocket."""
    return bool(slot and slot.websocket and slot.websocket.accepted)
