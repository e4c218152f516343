"""Put what tasks write into CloudWatch Logs, and the metrics in it into CloudWatch.

Memory holds only the last lines of each stream, and the last values of each metric.
"""

import json
import time
from typing import Any

from ministack.core.responses import new_uuid, request_scope
from ministack.services import cloudwatch, cloudwatch_logs

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
        for line in batch["lines"]:
            if '"_aws"' in line:
                _measure(line)


def _measure(line: str) -> None:
    """Store the metrics of a line in the embedded metric format, as CloudWatch does.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    try:
        record = json.loads(line)
        for directive in record["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                _store(record, directive, {name: str(record[name]) for name in names})
    except (ValueError, KeyError, TypeError):
        return  # no such document: CloudWatch makes no metric of it either


def _store(record: dict[str, Any], directive: dict[str, Any], dimensions: dict[str, str]) -> None:
    for metric in directive["Metrics"]:
        name, given = metric["Name"], record[metric["Name"]]
        several = (
            given if isinstance(given, list) else given.get("Values") if isinstance(given, dict) else None
        )
        counts = given.get("Counts") if isinstance(given, dict) else None
        cloudwatch._store_datum(
            directive["Namespace"],
            name,
            dimensions,
            record["_aws"]["Timestamp"] / 1000,
            metric.get("Unit", "None"),
            given,
            several,
            counts,
            None,
        )
        key = (directive["Namespace"], name, cloudwatch._dims_key(dimensions))
        del cloudwatch._metric_bucket(key)[:-_KEPT]
