"""Log lines for a person at a terminal: short, coloured, and unable to move its cursor."""

import re
import time
from typing import Any

import structlog
from structlog.typing import EventDict

from service.kit.access_log import path
from service.kit.exchange import Exchange

# Control characters, C1 ones too, and what turns the direction or the line of text.
_HARMFUL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}
_RESET = "\x1b[0m"


def harmless(text: str) -> str:
    """The text with every character escaped that a terminal would act upon."""
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escape(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Processor of structlog: escape what a stranger may have sent; a stack keeps its lines, indented."""
    for name, value in event.items():
        if name == "exception":
            event[name] = "\n".join(f"    {harmless(line)}" for line in str(value).splitlines())
        elif isinstance(value, str):
            event[name] = harmless(value)
        elif not isinstance(value, bool | int | float | None):
            event[name] = harmless(repr(value))
    return event


def access_line(exchange: Exchange) -> str:
    """The access line: time, status, method, path, how long."""
    colour = _COLOURS.get(exchange.status // 100, "")
    method = harmless(exchange.environ["REQUEST_METHOD"])
    return (
        f"{time.strftime('%H:%M:%S')} {colour}{exchange.status}{_RESET} {method} {harmless(path(exchange))} "
        f"{exchange.duration_s * 1000:.1f} ms, {exchange.response_bytes} bytes\n"
    )


def renderer() -> structlog.dev.ConsoleRenderer:
    """All other lines."""
    return structlog.dev.ConsoleRenderer(
        colors=True, exception_formatter=structlog.dev.plain_traceback, event_key="message"
    )
