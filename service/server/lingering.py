"""Keep connections after their last answer until the client has read it and closed its side.

The kernel resets a connection that is closed with unread bytes, and the answer is lost with it: a client in
the middle of a large upload would never see its 413 (RFC 9112, section 9.6).
"""

import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from selectors import EVENT_READ, BaseSelector

from gunicorn.workers.gthread import TConn

# nginx's lingering_timeout (without a byte) and lingering_time (in all).
# https://nginx.org/en/docs/http/ngx_http_core_module.html#lingering_close
SILENCE_S = 5
LONGEST_S = 30
# A worker that stops waits as long for these connections as for those that are kept alive.
STOPPING_S = 2


class Lingering:
    """Connections that the main loop reads and forgets, so that no thread waits for a client."""

    def __init__(self, poller: BaseSelector, *, closed: Callable[[], None]) -> None:
        """Call `closed` at the end of each connection."""
        self._poller, self._closed = poller, closed
        # For each connection, the times after which it has been silent, and has been here, too long.
        self._conns: dict[TConn, tuple[float, float]] = {}

    def add(self, conn: TConn) -> None:
        """Close our side and wait for the client to close its own; the poller must not know `conn`."""
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
            self._poller.register(conn.sock, EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError):  # gone, or closed by a thread
            self._closed()
            conn.close()
            return
        now = time.monotonic()
        self._conns[conn] = (now + SILENCE_S, now + LONGEST_S)

    def look(self, now: float, *, stopping: bool) -> None:
        """Close the connections that are silent, or have been here, too long."""
        spared_s = SILENCE_S - STOPPING_S if stopping else 0
        for conn in [conn for conn, times in self._conns.items() if now > min(times) - spared_s]:
            self._drop(conn)

    def _discard(self, conn: TConn, sock: socket.socket) -> None:
        try:
            data = sock.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
            return
        _, ends_at = self._conns[conn]
        self._conns[conn] = (time.monotonic() + SILENCE_S, ends_at)

    def _drop(self, conn: TConn) -> None:
        del self._conns[conn]
        self._poller.unregister(conn.sock)
        self._closed()
        conn.close()
