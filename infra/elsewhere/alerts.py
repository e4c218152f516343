"""Say of what people are alerted, in both places: what the alarms on AWS say, of the same metrics."""

from typing import NamedTuple

from infra.contract import UNITS
from infra.parameters import Environment

LOGGER = "service.metrics"  # of the lines that hold the metrics of infra/contract; service/kit/emf.py
SATURATED_PERCENT, RESTARTS = 90, 3
AT_MAX_MINUTES = 15
# Below this many requests a single error would be 5 % or more, as in infra/monitoring/traffic.py.
FEWEST_REQUESTS = 20


class Alert(NamedTuple):
    """An alert: its name on AWS, above which value somebody is told, and what to do first."""

    name: str
    threshold: float
    sentence: str


def alerts(environment: Environment) -> list[Alert]:
    """Return the alerts of an environment."""
    asked, tasks = environment.alarms, environment.tasks
    at_max = Alert(
        "TasksAtMax",
        tasks.max - 1,
        "No instance is left to add. First raise tasks.max, or look at what the instances do.",
    )
    return [
        Alert(
            "Errors",
            asked.error_percent,
            "The service answers with 5xx, in % of all answers. First the log: exceptions, and the version.",
        ),
        Alert(
            "Latency",
            asked.p95_latency_s * 1000,
            "One request in 20 takes longer than this many ms. First the log: the slowest routes.",
        ),
        Alert(
            "Saturated",
            SATURATED_PERCENT,
            "Nearly all threads are busy: requests wait. First: are instances still starting?",
        ),
        Alert(
            "ShedRequests",
            0,
            "Requests get 503 because they would wait too long for a thread. First as for Saturated.",
        ),
        Alert(
            "WorkerRestarts",
            RESTARTS,
            "Workers keep dying: out of memory, or a crash. First the log, and look for SIGKILL.",
        ),
        *([at_max] if tasks.min < tasks.max else []),
    ]


def known(metric: str) -> str:
    """Return the name of a metric that the service reports; raises KeyError for another one."""
    UNITS[metric]
    return metric
