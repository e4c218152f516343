"""Name the level and the trace of a line as Google's Cloud Logging reads them.

https://docs.cloud.google.com/logging/docs/structured-logging
"""

import re
from typing import Any

# Within a text of JSON each quotation mark has a backslash before it: these are members of the line.
_LEVEL = re.compile(r'"level": ?"([a-z]+)"')
_TRACE = re.compile(r'"trace_id": ?"([0-9a-f]{32})"')
_project: str | None = None


def configure(project: str | None) -> None:
    """Name them so from now on, with the project's traces; None: leave lines as they are."""
    global _project  # noqa: PLW0603 (one stdout, one form)
    _project = project


def measured(document: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics of a worker; in Google Cloud with the mean of a list, of which it makes none."""
    if not _project:
        return document
    values = document["Saturation"]
    return {**document, "SaturationMean": round(sum(values) / len(values), 2)}


def named(line: str) -> str:
    """Return the line of JSON with severity and trace, where this is Google Cloud."""
    if not _project:
        return line
    leveled = _LEVEL.sub(lambda found: f'"severity":"{found[1].upper()}"', line, count=1)
    trace = rf'\g<0>,"logging.googleapis.com/trace":"projects/{_project}/traces/\1"'
    return _TRACE.sub(trace, leveled, count=1)
