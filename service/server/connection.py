"""A connection from the proxy, for one request."""

import re
import socket
import time
from typing import Any

from gunicorn.config import Config
from gunicorn.http.body import LengthReader
from gunicorn.workers.gthread import TConn

from service.server.quick import Quick

# How long, and how much, of a body that the app has not read is read and forgotten.
DRAIN_S = 5
DRAIN_BYTES = 1024**3
_DRAIN_STEP_BYTES = 64 * 1024
_LENGTH = re.compile(rb"\r\n(?:content-length|transfer-encoding):[ \t]*([0-9]*)", re.IGNORECASE)
_BODY = {"CONTENT-LENGTH", "TRANSFER-ENCODING"}


class Outgoing:
    """A socket that sends the head of an answer together with its first bytes.

    Gunicorn sends them one after the other: that is a system call more, and wakes the proxy twice.
    """

    def __init__(self, sock: socket.socket | Quick) -> None:
        self.raw = sock
        self.recv, self.fileno = sock.recv, sock.fileno  # for the parser, which asks often
        self._head: bytes | None = b""

    def sendall(self, data: bytes) -> None:
        """Send bytes, or keep them if they are the first."""
        if self._head is None:
            self.raw.sendall(data)
        elif not self._head:
            self._head = data
        else:
            head, self._head = self._head, None
            self.raw.sendall(head + data)

    def flush(self) -> None:
        """Send a head that no body has followed."""
        if self._head:
            head, self._head = self._head, None
            self.raw.sendall(head)

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 (a socket's signature)
        """Do nothing: the socket waits, and each call costs a wait for Python's lock."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)


class Connection(TConn):
    """A connection whose request has come already."""

    sock: Any  # an Outgoing
    parser: Any

    def __init__(self, cfg: Config, sock: socket.socket, client: Any, server: Any) -> None:
        # Gunicorn asks for a socket that does not wait; an Outgoing stays one that does, as threads want it.
        super().__init__(cfg, Outgoing(sock), client, server)  # type: ignore[arg-type]
        self.data_ready = True

    def peek(self) -> bytes:
        """Return what has come of the request, and leave it there."""
        try:
            return Quick(self.sock.raw).peek()
        except OSError:
            return b""

    def hasten(self) -> bool:
        """Serve it without waiting from now on, if all of the request has come; return whether it has."""
        head, end, body = self.peek().partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        # Nobody knows how long chunks are, and no proxy of ours sends them.
        if not end or (length and (not length[1] or len(body) < int(length[1]))):
            return False
        self.sock = Outgoing(Quick(self.sock.raw))
        return True

    def drain(self) -> bool:
        """Read what the app has not read of the body; return False if that is too much or too slow."""
        request = self.parser and self.parser.mesg
        if not request:
            return False
        if _BODY.isdisjoint(name for name, _ in request.headers):
            return True
        ends_at = time.monotonic() + DRAIN_S
        reader = getattr(request.body, "reader", None)
        if isinstance(reader, LengthReader):
            return self._skip(reader.length - len(self.parser.unreader.take_buffered()), ends_at)
        return bool(self.parser.finish_body(ends_at, DRAIN_BYTES))

    def _skip(self, left: int, ends_at: float) -> bool:
        # Not by Gunicorn's finish_body: it reads 1 KiB at a time, and each time copies all that has come, up
        # to 1 MiB. An upload that nobody reads would keep Python's lock from the others for seconds.
        if left > DRAIN_BYTES:
            return False
        try:
            while left > 0 and (remaining_s := ends_at - time.monotonic()) > 0:
                self.sock.settimeout(remaining_s)
                data = self.sock.recv(min(left, _DRAIN_STEP_BYTES))
                if not data:
                    break
                left -= len(data)
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(None)
        return left <= 0

    def close(self, graceful: bool = False) -> None:  # noqa: FBT001, FBT002 (Gunicorn's signature)
        """Send what is left, and close."""
        try:
            self.sock.flush()
        except OSError:
            graceful = False
        super().close(graceful=graceful)
