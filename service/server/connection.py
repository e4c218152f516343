"""Let Gunicorn's parser read the bytes that the main loop has collected."""

import time
from typing import cast

from gunicorn.http import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn

from service.server.incoming import MEMORY_BYTES, Incoming

# A thread reads from a socket only a request that is wrong or too large; it may take this long in all.
THREAD_READ_S = 5


class ReadAhead(SocketUnreader):
    """A reader that gives the parser the collected bytes first, then those of the socket."""

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
        """Return more bytes for the parser; no bytes mean the end."""
        body = self.incoming.body
        # The hint is the whole rest of the body, and the parser copies each piece three times.
        if body and (data := body.read(min(size_hint or 8192, MEMORY_BYTES))):
            return data
        try:
            self.sock.settimeout(max(0.001, self.until - time.monotonic()))
            return bytes(super().chunk(size_hint))  # type: ignore[call-arg] # the types are of Gunicorn 26
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(None)


class Connection(TConn):
    """A client's connection and the request that is coming in on it."""

    incoming: Incoming

    @property
    def http_parser(self) -> RequestParser:
        """Return the parser; the other kinds that Gunicorn has, HTTP/2 and uWSGI, are turned off."""
        return cast(RequestParser, self.parser)

    def read_first(self) -> bool:
        """Read the bytes that are there, without waiting; return False when the client has gone."""
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
        """Let the parser read the collected bytes; called in the thread that will serve the request."""
        self.init()
        parser = self.http_parser
        if not isinstance(parser.unreader, ReadAhead):
            parser.unreader = ReadAhead(self.sock)
        parser.unreader.load(self.incoming)

    def drop_body(self) -> bool:
        """Forget what the app has not read of a whole body; return False when the body is not whole."""
        if not self.incoming.has_all_of_its_length:
            return False
        self.http_parser.unreader.take_buffered()
        self.http_parser.mesg = None
        return True
