"""Turn lines of a service's log into text that a person reads."""

import json
from collections.abc import Sequence


def readable(line: str) -> Sequence[str]:
    """Turn one JSON line into text; other lines stay as they are."""
    try:
        record = json.loads(line)
    except ValueError:
        return [line]
    if not isinstance(record, dict):
        return [line]
    # CloudWatch metrics are sent as log lines, which a person reads in dashboards instead.
    record.pop("_aws", None)
    time = str(record.pop("timestamp", record.pop("time", "")))
    level = str(record.pop("level", record.pop("severity", ""))).upper()
    message = str(record.pop("message", record.pop("msg", record.pop("event", ""))))
    trace = str(record.pop("exception", record.pop("traceback", "")))
    rest = " ".join(f"{key}={value}" for key, value in record.items())
    head = " ".join(part for part in (time[11:23], f"{level:7}" if level else "", message, rest) if part)
    return [head, *(f"    {part}" for part in trace.splitlines())]
