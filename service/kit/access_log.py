"""Write one line per request: what was asked, by whom, what was answered and how long it took."""

from collections.abc import Callable
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from service.kit import stdout
from service.kit.exchange import Exchange, Observer
from service.kit.settings import Settings

READINESS_PATH = "/readyz"

# Members of a line only where they are true.
_SHED = ',"shed":true'
_BROKEN = ',"broken":true'

Render = Callable[[Exchange], str]
_render: Render | None = None


def configure(render: Render | None) -> None:
    """Write lines in this form from now on; None writes no lines."""
    global _render  # noqa: PLW0603 (one stdout, one form)
    _render = render


def observer(settings: Settings) -> Observer:
    """Return the function that writes the line of a finished request.

    It writes past `logging`, whose record and handler cost more than the rest of the kit for a request, and
    which an app may silence.
    """
    # The load balancer and others ask these every few seconds; they are logged only when they fail.
    silent = {settings.health_path, READINESS_PATH}

    def write(exchange: Exchange) -> None:
        if _render is None or (exchange.path_info in silent and exchange.status < 400):
            return
        stdout.write(_render(exchange))

    return write


def path(exchange: Exchange) -> str:
    """Return the path without the query string, which may hold secrets."""
    given = exchange.path_info
    # WSGI hands bytes over as Latin-1 (PEP 3333).
    return given if given.isascii() else given.encode("latin-1", "replace").decode("utf-8", "replace")


def as_json(exchange: Exchange) -> str:
    """Return the line as JSON, with the members that every log line has.

    Put together by hand in a fifth of json.dumps' time. `quoted` is json's own function for strings: it
    escapes line ends, control characters and everything that is not ASCII.
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
        f'"user_agent":{quoted(agent) if agent else "null"}'
        f"{_SHED if exchange.shed else ''}{_BROKEN if exchange.broken else ''}}}"
    )
