"""One line per request: what was asked, by whom, what was answered and how long it took."""

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from service.kit.exchange import Exchange

# Asked every few seconds by the load balancer and others; they are logged only when they fail.
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})
STDOUT = 1

Render = Callable[[Exchange], str]
_render: Render | None = None


def configure(render: Render | None) -> None:
    """Write lines of this form from now on, or none."""
    global _render  # noqa: PLW0603 (one stdout, one form)
    _render = render


def write(exchange: Exchange) -> None:
    """Write the line; an observer of exchanges.

    Past `logging`, whose record and handler cost more than all else that the kit does for a request.
    One system call per line, so that lines of several workers do not mix.
    """
    if _render is None or (exchange.environ.get("PATH_INFO") in HEALTH_PATHS and exchange.status < 400):
        return
    with contextlib.suppress(OSError):  # a full disk must not break answers
        os.write(STDOUT, _render(exchange).encode())


def path(exchange: Exchange) -> str:
    """The path without the query string, which may hold secrets."""
    given: str = exchange.environ.get("PATH_INFO", "")
    # WSGI hands bytes over as Latin-1 (PEP 3333).
    return given if given.isascii() else given.encode("latin-1", "replace").decode("utf-8", "replace")


def as_json(exchange: Exchange) -> str:
    """The line with the members that all our lines have.

    Put together by hand in a fifth of json.dumps' time. `quoted` is what it uses for strings: it escapes
    line ends, control characters and all that is not ASCII.
    """
    environ, route = exchange.environ, exchange.route
    address, agent = environ.get("REMOTE_ADDR"), environ.get("HTTP_USER_AGENT")
    return (
        f'{{"timestamp":"{datetime.now(UTC).isoformat(timespec="microseconds")[:-6]}Z","level":"info",'
        f'"logger":"service.access","message":"request","request_id":"{exchange.request_id}",'
        f'"trace_id":{quoted(exchange.trace_id) if exchange.trace_id else "null"},'
        f'"method":{quoted(environ["REQUEST_METHOD"])},"route":{quoted(route) if route else "null"},'
        f'"path":{quoted(path(exchange))},"status":{exchange.status},'
        f'"response_bytes":{exchange.response_bytes},"duration_ms":{exchange.duration_s * 1000:.1f},'
        f'"remote_addr":{quoted(address) if address else "null"},'
        f'"user_agent":{quoted(agent) if agent else "null"}}}\n'
    )
