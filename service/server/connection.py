"""A client's connection, whose parser reads what the main loop has collected."""

import time

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from service.server.incoming import MEMORY_BYTES, Incoming

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
        # The hint is all that is left of the body, and the reader copies what it gets three times.
        if body and (data := body.read(min(size_hint or 8192, MEMORY_BYTES))):
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

    def drop_body(self) -> bool:
        """Forget what the app has not read of a body that is here, whole; False when it is not."""
        if not self.incoming.has_all_of_its_length:
            return False
        self.parser.unreader.take_buffered()
        self.parser.mesg = None
        return True
