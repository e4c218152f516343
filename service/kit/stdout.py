"""Write whole lines to stdout past `logging` and `sys.stdout`, which an app may configure as it likes."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STDOUT = 1
# What a pipe takes in one piece: PIPE_BUF of Linux. Two workers' lines would mix in a longer one.
PIECE = 4096
_here = threading.local()
# Within a text of JSON each quotation mark has a backslash before it: these are members of the line.
_LEVEL = re.compile(r'"level": ?"([a-z]+)"')
_TRACE = re.compile(r'"trace_id": ?"([0-9a-f]{32})"')
_project: str | None = None


def for_google(project: str | None) -> None:
    """Write lines from now on as Cloud Logging reads them, with severity and trace; None: as they are."""
    global _project  # noqa: PLW0603 (one stdout, one form)
    _project = project


def _googles(line: str) -> str:
    """Return a line with the names of Cloud Logging: https://docs.cloud.google.com/logging/docs/structured-logging."""
    named = _LEVEL.sub(lambda found: f'"severity":"{found[1].upper()}"', line, count=1)
    trace = rf'\g<0>,"logging.googleapis.com/trace":"projects/{_project}/traces/\1"'
    return _TRACE.sub(trace, named, count=1)


def write(line: str) -> None:
    """Write the line, and its end; a full disk or a closed pipe must not break answers.

    One system call per line keeps the lines of several workers apart.
    """
    if _project:
        line = _googles(line)
    data = f"{line}\n".encode("utf-8", "backslashreplace")
    lines: list[bytes] | None = getattr(_here, "lines", None)
    if lines is None:
        _write(data)
    else:
        lines.append(data)


@contextmanager
def held() -> Iterator[None]:
    """Write at the end what this thread writes meanwhile, many lines in one call."""
    lines: list[bytes] = []
    _here.lines = lines
    try:
        yield
    finally:
        _here.lines = None
        piece = b""
        for line in lines:
            if len(piece) + len(line) > PIECE:
                _write(piece)
                piece = b""
            piece += line
        _write(piece)


def _write(data: bytes) -> None:
    try:
        while data:
            data = data[os.write(STDOUT, data) :]
    except OSError:
        return
