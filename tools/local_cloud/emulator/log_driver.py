"""Put what tasks write into CloudWatch Logs; memory holds only the last lines of each stream."""

import time
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import cloudwatch_logs

_KEPT = 10_000

_create_stream = cloudwatch_logs._create_log_stream
_append = cloudwatch_logs._append_log_events


def put(batch: dict[str, Any]) -> None:
    """Append lines to a log stream; create a new stream, and do nothing if its group is gone."""
    with request_scope(batch["account"], batch["region"]):
        _create_stream({"logGroupName": batch["group"], "logStreamName": batch["stream"]})
        group = cloudwatch_logs._log_groups.get(batch["group"])
        if not group:
            return
        stream, now_ms = group["streams"][batch["stream"]], int(time.time() * 1000)
        # PutLogEvents would keep a second copy of every line for ever.
        _append(
            stream,
            [
                {"timestamp": now_ms, "message": line, "ingestionTime": now_ms, "eventId": new_uuid()}
                for line in batch["lines"]
            ],
        )
        del stream["events"][:-_KEPT]
