"""A client's connection, whose parser reads what the main loop has collected."""

import time

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from service.incoming import Incoming

# A thread reads from a socket only what is wrong or too large; that long it may take, in all.
THREAD_READ_S = 5


class ReadAhead(SocketUnreader):
    """Gives the parser what the main loop has collected, before the socket."""

    incoming: Incoming
    until: float

    def load(self, incoming: Incoming) -> None:
        """Begin the next request."""
        self.incoming = incoming
        self.until = time.monotonic() + THREAD_READ_S
        self.unread(bytes(incoming.head))
        if incoming.body:
            incoming.body.seek(0)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Called by the parser for more bytes; none are the end."""
        body = self.incoming.body
        if body and (data := body.read(size_hint or 8192)):
            return data
        try:
            self.sock.settimeout(max(0.001, self.until - time.monotonic()))
            return bytes(super().chunk(size_hint))
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(None)


class Connection(TConn):
    """A client's connection and the request that is coming in on it."""

    incoming: Incoming

    def read_first(self) -> bool:
        """Read what has come, without waiting; False when nobody is there any more."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if data:
            self.incoming.feed(data)
        return bool(data)

    def hand_over(self) -> None:
        """Let the parser read what has come; in the thread that will serve it."""
        self.init()
        if not isinstance(self.parser.unreader, ReadAhead):
            self.parser.unreader = ReadAhead(self.sock)
        self.parser.unreader.load(self.incoming)
