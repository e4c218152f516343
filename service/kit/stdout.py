"""Write whole lines to stdout past `logging` and `sys.stdout`, which an app may configure as it likes."""

import os
import re

STDOUT = 1
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
    try:
        while data:
            data = data[os.write(STDOUT, data) :]
    except OSError:
        return
