"""Write log lines for a person at a terminal: short, coloured, and unable to move the cursor."""

import re
import time
from typing import Any

import structlog
from structlog.typing import EventDict

from service.kit.access_log import path
from service.kit.exchange import Exchange

# Control characters, those of the C1 block too, and characters that change the direction or line of text.
_HARMFUL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_COLOURS = {2: "\x1b[32m", 3: "\x1b[36m", 4: "\x1b[33m", 5: "\x1b[31m"}
_RESET = "\x1b[0m"


def harmless(text: str) -> str:
    """Return the text with every character escaped that a terminal would act upon."""
    return _HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def escape(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Escape all values of a line, which a stranger may have sent; a processor of structlog."""
    for name, value in event.items():
        if name == "exception":
            # A stack trace keeps its lines, indented.
            event[name] = "\n".join(f"    {harmless(line)}" for line in str(value).splitlines())
        elif isinstance(value, str):
            event[name] = harmless(value)
        elif not isinstance(value, bool | int | float | None):
            event[name] = harmless(repr(value))
    return event


def access_line(exchange: Exchange) -> str:
    """Return the access line: time, status, method, path, duration."""
    colour = _COLOURS.get(exchange.status // 100, "")
    method = harmless(exchange.environ["REQUEST_METHOD"])
    return (
        f"{time.strftime('%H:%M:%S')} {colour}{exchange.status}{_RESET} {method} {harmless(path(exchange))} "
        f"{exchange.duration_s * 1000:.1f} ms, {exchange.response_bytes} bytes"
    )


def renderer() -> structlog.dev.ConsoleRenderer:
    """Return the renderer of all other lines."""
    return structlog.dev.ConsoleRenderer(
        colors=True, exception_formatter=structlog.dev.plain_traceback, event_key="message"
    )
