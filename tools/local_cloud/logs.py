"""Log files: never larger than a cap, and readable where they hold JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

CAP_BYTES = 10_000_000
_KEPT_BYTES = 1_000_000
_KEPT_FILES = 40


def cap(folder: Path) -> None:
    """Cut every log that grew too large, and remove the oldest logs; the writers append, so they go on."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > CAP_BYTES:
            with log.open("r+b") as file:
                file.seek(-_KEPT_BYTES, 2)
                tail = file.read()
                file.truncate(0)
            log.with_suffix(".log.1").write_bytes(tail)
    oldest_first = sorted(folder.glob("*.log*"), key=lambda log: log.stat().st_mtime)
    for log in oldest_first[:-_KEPT_FILES]:
        log.unlink(missing_ok=True)


def tail(log: Path, lines: int) -> list[str]:
    """Return the last lines of a log, made readable."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64_000))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    return [shown for line in text.splitlines()[-lines:] for shown in readable(line)]


def readable(line: str) -> Sequence[str]:
    """Turn one JSON line into text; other lines stay as they are."""
    try:
        record = json.loads(line)
    except ValueError:
        return [line]
    if not isinstance(record, dict):
        return [line]
    # CloudWatch metrics ride in log lines of their own; a person reads them elsewhere.
    record.pop("_aws", None)
    time = str(record.pop("timestamp", record.pop("time", "")))
    level = str(record.pop("level", record.pop("severity", ""))).upper()
    message = str(record.pop("message", record.pop("msg", record.pop("event", ""))))
    trace = str(record.pop("exception", record.pop("traceback", "")))
    rest = " ".join(f"{key}={value}" for key, value in record.items())
    head = " ".join(part for part in (time[11:23], f"{level:7}" if level else "", message, rest) if part)
    return [head, *(f"    {part}" for part in trace.splitlines())]
