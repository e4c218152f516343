"""Turn lines of a service's log into text that a person reads."""

import json
from collections.abc import Sequence


def readable(line: str, *, metrics: bool = False) -> Sequence[str]:
    """Turn one JSON line into text; other lines stay as they are.

    CloudWatch metrics are sent as log lines, which a person reads in dashboards: without `metrics` they are
    left out.
    """
    try:
        record = json.loads(line)
    except ValueError:
        return [line]
    if not isinstance(record, dict):
        return [line]
    if record.pop("_aws", None) and not metrics:
        return []
    time = str(record.pop("timestamp", record.pop("time", "")))
    level = str(record.pop("level", record.pop("severity", ""))).upper()
    message = str(record.pop("message", record.pop("msg", record.pop("event", ""))))
    trace = str(record.pop("exception", record.pop("traceback", "")))
    rest = " ".join(f"{key}={value}" for key, value in record.items())
    head = " ".join(part for part in (time[11:23], f"{level:7}" if level else "", message, rest) if part)
    return [head, *(f"    {part}" for part in trace.splitlines())]
