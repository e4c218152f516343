"""Watch each request and its answer once, in a WSGI layer, for the access log and all metrics."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask
from structlog.contextvars import bind_contextvars, clear_contextvars

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A stranger's request id ends up in every log line: it must be short, without spaces, quotes or line ends.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
TRACE_ROOT = re.compile(r"(?:^|;)\s*Root=([A-Za-z0-9-]{1,64})(?:;|$)")
# Under this key tracing leaves the id of a trace that it has begun itself.
TRACE_ID = "service.trace_id"
# https://www.w3.org/TR/trace-context/#traceparent-header
TRACE_PARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


class Exchange:
    """One request and how it was answered."""

    __slots__ = (
        "_started",
        "duration_s",
        "environ",
        "request_id",
        "response_bytes",
        "route",
        "status",
        "trace_id",
    )

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self._started = time.perf_counter()
        self.environ = environ
        self.trace_id = trace_id(environ)
        # Not a secret, so no need to ask the kernel, as uuid4 does in six times the time.
        self.request_id = request_id(environ) or self.trace_id or f"{random.getrandbits(128):032x}"
        self.status = 500  # if the app breaks before it answers
        # The rule, such as /orders/<id>. None where no rule matched: a stranger could make up any path.
        self.route: str | None = None
        self.response_bytes = 0
        self.duration_s = 0.0

    def answered(self, status: str) -> None:
        """Note the status and the rule that matched; called while Flask still knows the request."""
        self.status = int(status[:3])
        self.trace_id = self.environ.get(TRACE_ID, self.trace_id)
        # Werkzeug leaves the request here, with the rule that Flask found: no hook is needed.
        rule = getattr(self.environ.get("werkzeug.request"), "url_rule", None)
        self.route = rule.rule if rule else None

    def end(self) -> None:
        """Stop the clock."""
        self.duration_s = time.perf_counter() - self._started


Observer = Callable[[Exchange], None]


def request_id(environ: "WSGIEnvironment") -> str | None:
    """Return the caller's id if it is harmless."""
    given: str = environ.get("HTTP_X_REQUEST_ID", "")
    return given if given and REQUEST_ID.fullmatch(given) else None


def trace_id(environ: "WSGIEnvironment") -> str | None:
    """Return the id of the trace that a caller (W3C's header) or else the load balancer has begun."""
    if (parent := environ.get("HTTP_TRACEPARENT")) and (found := TRACE_PARENT.fullmatch(parent)):
        return found[1]
    if (amazon := environ.get("HTTP_X_AMZN_TRACE_ID")) and (found := TRACE_ROOT.search(amazon)):
        return found[1]
    return None


def init_app(app: Flask, *observers: Observer) -> None:
    """Give every request an id, bound to its log lines, and tell `observers` when its body has ended."""
    app.wsgi_app = Watch(app.wsgi_app, observers)


class Watch:
    """A layer that makes an Exchange of each request; a layer per observer would cost three times as much."""

    def __init__(self, wsgi_app: "WSGIApplication", observers: tuple[Observer, ...]) -> None:
        self.wsgi_app = wsgi_app
        self.observers = observers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        exchange = Exchange(environ)
        bind_contextvars(request_id=exchange.request_id)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            exchange.answered(status)
            added = [*_unbuffered(headers), ("X-Request-ID", exchange.request_id)]
            return start_response(status, [*headers, *added], exc_info)

        try:
            return _Body(self.wsgi_app(environ, start), exchange, self._ended)
        except BaseException:
            self._ended(exchange)
            raise

    def _ended(self, exchange: Exchange) -> None:
        exchange.end()
        for observe in self.observers:
            observe(exchange)
        clear_contextvars()  # the thread will serve another client


def _unbuffered(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the header that tells nginx to hold nothing back, for an answer of unknown length."""
    own = {name.lower() for name, _ in headers}
    return [] if own & {"content-length", "x-accel-buffering"} else [("X-Accel-Buffering", "no")]


class _Body:
    """The body of the answer, whose bytes are counted as they are sent."""

    __slots__ = ("_body", "_chunks", "_ended", "_exchange")

    def __init__(self, body: Iterable[bytes], exchange: Exchange, ended: Observer) -> None:
        self._body = body
        self._chunks = iter(body)
        self._exchange = exchange
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self._exchange.response_bytes += len(chunk)
        return chunk

    def close(self) -> None:
        """End the exchange; the server calls this once, even if the client has left (PEP 3333)."""
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._ended(self._exchange)
