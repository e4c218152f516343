"""Turn what an app prints, or writes past the kit's logging, into log lines: masked, with the request's id.

Standard output and standard error of a worker are replaced by a `Stream` each. It nets whatever reaches them:
print(), a handler made in the middle of a request, structlog's PrintLogger, loguru, a traceback.
"""

import io
import json
import sys
import threading
from collections.abc import Callable
from typing import Any

# A program that writes no line end must not fill the memory.
MAX_PENDING = 64 * 1024
TRACEBACK = "Traceback (most recent call last):"

Write = Callable[[dict[str, Any]], None]


def replace(write: Write) -> None:
    """Hand the lines of sys.stdout and sys.stderr to `write`, each as the members of a log line."""
    for name, level in (("stdout", "info"), ("stderr", "warning")):
        if not isinstance(getattr(sys, name), Stream):
            setattr(sys, name, Stream(getattr(sys, name), write, logger=name, level=level))


class Stream(io.TextIOBase):
    """A text stream that makes a log line of each text that ends with a line end."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, original: Any, write: Write, *, logger: str, level: str) -> None:
        self._original = original
        self._write = write
        self._base = {"logger": logger, "level": level}
        self._pending = threading.local()
        self.buffer = _Bytes(self)

    def write(self, text: str) -> int:
        """Take the text; what one call writes is one line of the log, as a traceback is."""
        whole = getattr(self._pending, "text", "") + text
        if whole.endswith("\n") or len(whole) > MAX_PENDING:
            self._pending.text = ""
            if whole.strip():
                self._write(self._members(whole.rstrip("\n")))
        else:
            self._pending.text = whole
        return len(text)

    def _members(self, text: str) -> dict[str, Any]:
        if text.startswith("{") and text.endswith("}"):
            try:
                given = json.loads(text)
            except (ValueError, RecursionError):
                given = None
            if isinstance(given, dict):  # the app writes JSON itself
                return {**self._base, "message": given.pop("event", ""), **given}  # `event` is structlog's
        before, traceback, after = text.partition(TRACEBACK)
        if not traceback:
            return {**self._base, "message": text}
        message = before.strip() or after.rstrip().rpartition("\n")[2]
        return {**self._base, "level": "error", "message": message, "exception": traceback + after}

    def __getattr__(self, name: str) -> Any:
        # For reconfigure(), name, mode and the like; TextIOBase has the rest.
        return getattr(self._original, name)

    def writable(self) -> bool:
        """Return true."""
        return True

    def fileno(self) -> int:
        """Return the number of the original, for child processes."""
        return int(self._original.fileno())


class _Bytes(io.RawIOBase):
    """The stream below, for those who write bytes."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        """Take the bytes as text."""
        self._stream.write(bytes(data).decode("utf-8", "backslashreplace"))
        return len(data)

    def writable(self) -> bool:
        """Return true."""
        return True

    def fileno(self) -> int:
        """Return the number of the original."""
        return self._stream.fileno()
