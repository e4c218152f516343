"""Write whole lines to stdout past `logging` and `sys.stdout`, which an app may configure as it likes."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from service.kit import cloud_logging

STDOUT = 1
# What a pipe takes in one piece: PIPE_BUF of Linux. Two workers' lines would mix in a longer one.
PIECE = 4096
_here = threading.local()


def write(line: str) -> None:
    """Write the line, and its end; a full disk or a closed pipe must not break answers.

    One system call per line keeps the lines of several workers apart.
    """
    data = f"{cloud_logging.named(line)}\n".encode("utf-8", "backslashreplace")
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
