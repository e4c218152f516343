"""Send an answer so that its log line and its count are what the client has got.

The head goes out with the first byte. What fails before is answered as a problem; what fails later ends the
connection, so that nobody takes half an answer for a whole one.
"""

import errno
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from service.kit import errors
from service.kit.browser_security import Headers
from service.kit.exchange import Exchange, Observer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# 1xx is no final status. Gunicorn refuses the same names and values, but too late to say so.
_STATUS = re.compile(r"[2-9][0-9]{2}( [\t -~\x80-\xff]*)?")
_FIELDS = re.compile(r"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\n)*")
_WITHOUT_BODY = {204, 304}
OVERLOADED = 503
SWITCHED = 101  # the protocol: to WebSocket

log = logging.getLogger(__name__)


class Answer:
    """The head and body of one answer, as the server takes them from the app."""

    __slots__ = (
        "_body",
        "_chunks",
        "_exchange",
        "_finish",
        "_headers",
        "_length",
        "_protect",
        "_sent",
        "_server",
        "_server_write",
        "_status",
    )

    def __init__(
        self,
        exchange: Exchange,
        server: "StartResponse",
        *,
        protect: Callable[..., Headers],
        finish: Observer,
    ) -> None:
        """Hand the head to `server`, with the headers that `protect` adds, and call `finish` at the end."""
        self._exchange, self._server, self._protect, self._finish = exchange, server, protect, finish
        self._body: Iterable[bytes] = ()
        self._chunks: Iterator[bytes] = iter(())
        self._status, self._headers = "", Headers()
        self._length: int | None = None
        self._sent = False

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
        """Take the head from the app; this is WSGI's start_response."""
        if exc_info and self._sent:
            raise exc_info[1]
        if not _STATUS.fullmatch(status):
            raise ValueError(f"the status {status!r} is none of 200 to 999")
        if not _FIELDS.fullmatch("".join(f"{name}:{value}\n" for name, value in headers)):
            raise ValueError(f"a header is not valid (a name, then Latin-1 without line ends): {headers}")
        self._status, self._headers, self._length = status, headers, None
        exchange = self._exchange
        exchange.answered(status)
        if exchange.status not in _WITHOUT_BODY and exchange.environ["REQUEST_METHOD"] != "HEAD":
            for name, value in headers:
                if name.lower() == "content-length":
                    self._length = int(value)
            exchange.endless = self._length is None
        return self._write

    def follow(self, body: Iterable[bytes]) -> None:
        """Send this body."""
        self._body, self._chunks = body, iter(body)

    def refuse(self, status: int, reason: str) -> None:
        """Answer with a problem instead of asking the app."""
        environ = self._exchange.environ
        response = errors.problem(status, environ, reason)
        if status == OVERLOADED:
            self._exchange.shed = True
            response.headers["Retry-After"] = "1"
        self.follow(response(environ, self.start))

    def fail(self) -> None:
        """Answer 500 instead, or end the connection where it is too late for that; log the exception."""
        log.exception("the answer broke off" if self._sent else "the request failed outside of its handler")
        self._answer_500()

    def _answer_500(self) -> None:
        if self._sent:
            self._break_off()
        self._close_body()
        self.refuse(500, "")

    def lose(self) -> None:
        """Note that a WebSocket has failed; there is nobody left to answer."""
        log.exception("the WebSocket failed")
        self._exchange.broken = True

    def hang_up(self) -> StopIteration:
        """End the exchange of a WebSocket; return what ends the connection without an answer in Gunicorn."""
        exchange = self._exchange
        exchange.broken = exchange.broken or self._status.startswith("5")
        exchange.status = SWITCHED
        self.close()
        return StopIteration()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            if self._length is not None and self._exchange.response_bytes < self._length:
                log.error("the answer is shorter than its Content-Length: %d bytes", self._length)  # noqa: TRY400
                self._answer_500()
                return next(self)
            self._send_head()
            raise
        except BaseException:  # noqa: BLE001 (SystemExit, too: one request must not end the thread)
            self.fail()
            return next(self)
        if not self._sent:
            self._send_head()
        return self._count(chunk)

    def close(self) -> None:
        """End the exchange; the server calls this once, even if the client has left (PEP 3333)."""
        try:
            self._close_body()
        finally:
            self._finish(self._exchange)

    def _close_body(self) -> None:
        if close := getattr(self._body, "close", None):
            try:
                close()
            except BaseException:
                log.exception("the request failed at the end of its answer")

    def _send_head(self) -> None:
        if self._sent:
            return
        self._sent = True
        exchange = self._exchange
        https = exchange.environ["wsgi.url_scheme"] == "https"
        headers = self._protect(self._headers, https=https)
        headers.append(("X-Request-ID", exchange.request_id))
        # The proxy must not hold back a stream.
        if exchange.endless and not any(name.lower() == "x-accel-buffering" for name, _ in headers):
            headers.append(("X-Accel-Buffering", "no"))
        self._server_write = self._server(self._status, headers)

    def _write(self, data: bytes) -> None:
        """Send bytes for an app of the old kind; start_response returns this (PEP 3333)."""
        self._send_head()
        self._server_write(self._count(data))

    def _count(self, chunk: bytes) -> bytes:
        exchange = self._exchange
        exchange.response_bytes += len(chunk)
        if self._length is not None and exchange.response_bytes > self._length:
            log.error("the answer is longer than its Content-Length: %d bytes", self._length)
            exchange.broken = True
            chunk = chunk[: self._length - exchange.response_bytes]
            exchange.response_bytes, self._chunks = self._length, iter(())
        return chunk

    def _break_off(self) -> NoReturn:
        self._exchange.broken = True
        # Gunicorn takes it for a client that has gone: it ends the connection and says nothing.
        raise ConnectionResetError(errno.ECONNRESET, "the answer broke off")
