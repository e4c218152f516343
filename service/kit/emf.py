"""Write an interval as a document of CloudWatch's embedded metric format (EMF).

CloudWatch makes metrics of such a line in the log: no agent, no API call, no line per request. Names, units
and the dimension are a contract with `infra/contract/metrics.py`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from datetime import UTC, datetime
from typing import Any

from service.kit.counting import Interval

NAMESPACE = "FlaskFargate"
# One dimension only, because each combination of values is a metric to pay for. Routes, versions and workers
# are members of the line: free, and searchable in CloudWatch Logs Insights.
DIMENSION = "Environment"
UNITS = {
    "Saturation": "Percent",  # busy slots of all slots, each second
    "Requests": "Count",
    "Responses4xx": "Count",
    "Responses5xx": "Count",
    "Latency": "Milliseconds",
    "ShedRequests": "Count",  # refused with 503 because the service was full
    "BrokenAnswers": "Count",  # ended before their end, after their status had been sent
    "Streams": "Count",  # the most that were open at once, with WebSockets; nothing while there are none
    "WorkerRestarts": "Count",
}
MAX_VALUES = 100  # of a metric in one line (EMF specification)
LOGGER = "service.metrics"


def document(interval: Interval, *, restarts: int, labels: dict[str, Any]) -> dict[str, Any]:
    """Return the document, with the members that every log line has; `labels` holds the dimension's value."""
    values: dict[str, Any] = {
        "Saturation": interval.saturation[-MAX_VALUES:] or [0.0],
        "Requests": interval.statuses.total(),
        "Responses4xx": interval.statuses[4],
        "Responses5xx": interval.statuses[5],
        "ShedRequests": interval.shed,
        "BrokenAnswers": interval.broken,
        "WorkerRestarts": restarts,
    }
    if interval.latencies:
        values["Latency"] = interval.latencies_ms(MAX_VALUES)
    if interval.streams:
        values["Streams"] = interval.streams
    now = datetime.now(UTC)
    return {
        "_aws": {
            "Timestamp": int(now.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                }
            ],
        },
        "timestamp": f"{now.isoformat(timespec='microseconds')[:-6]}Z",
        "level": "info",
        "logger": LOGGER,
        "message": "metrics",
        **labels,
        **values,
        "Routes": {
            route: {f"{hundreds}xx": count for hundreds, count in sorted(statuses.items())}
            for route, statuses in sorted(interval.routes.items())
        },
    }
