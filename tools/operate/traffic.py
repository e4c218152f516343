"""Ask CloudWatch what a service did in the last minutes, and say what it costs meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict

from tools.operate.deployed import Deployed
from tools.prices import HOURS_PER_MONTH, TaskPrice
from tools.review.cost import cost

# service/kit/emf.py writes these, and infra/contract/metrics.py names them for the alarms.
NAMESPACE, DIMENSION = "FlaskFargate", "Environment"
METRICS = {"Requests": "Sum", "Responses5xx": "Sum", "Latency": "p95", "Saturation": "Average"}
MINUTES = 5


class Traffic(TypedDict):
    """The figures of some minutes; None where there was nothing to measure."""

    minutes: int
    requests_per_s: float
    errors_percent: float | None
    p95_ms: float | None
    busy_percent: float | None


class Cost(TypedDict):
    """List prices in USD of an hour, for what runs now: the tasks, and what stands beside them."""

    tasks: float
    rest: float


def traffic(deployed: Deployed) -> Traffic | None:
    """Return what all tasks did together in the last minutes; None if no task has reported."""
    end = datetime.now(UTC)
    start = end.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    return between(deployed, start, end, minutes=MINUTES)


def between(
    deployed: Deployed, start: datetime, end: datetime, *, minutes: int | None = None
) -> Traffic | None:
    """Return what all tasks did together in a time of so many minutes; None if no task has reported.

    Percentiles of minutes cannot be added up: that of the worst minute counts.
    """
    minutes = minutes or round((end - start).total_seconds() / 60)
    queries = [
        {
            "Id": name.lower(),
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": name,
                    "Dimensions": [{"Name": DIMENSION, "Value": deployed.environment}],
                },
                "Period": 60,
                "Stat": statistic,
            },
        }
        for name, statistic in METRICS.items()
    ]
    answer = deployed.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries,
        StartTime=start,
        EndTime=end,
    )
    found = {each["Id"]: each["Values"] for each in answer["MetricDataResults"]}
    if not found.get("saturation"):
        return None  # an idle task reports it, too
    requests, busy = sum(found["requests"]), found["saturation"]
    return Traffic(
        minutes=minutes,
        requests_per_s=round(requests / minutes / 60, 3),
        errors_percent=round(100 * sum(found["responses5xx"]) / requests, 2) if requests else None,
        p95_ms=round(max(found["latency"]), 1) if found["latency"] else None,
        busy_percent=round(sum(busy) / len(busy), 1),
    )


def in_words(found: Traffic | None) -> str:
    """Return the figures in one line."""
    if not found:
        return "nothing was reported: CloudWatch learns of a new task after a minute"
    busy = f"{found['busy_percent']:g} % of threads busy"
    if found["errors_percent"] is None:
        return f"no request, {busy}"
    slow = f", p95 {found['p95_ms']:.0f} ms in the worst minute" if found["p95_ms"] is not None else ""
    return f"{found['requests_per_s']:g} requests/s, {found['errors_percent']:g} % 5xx{slow}, {busy}"


def cost_now(deployed: Deployed, tasks: list[dict[str, Any]]) -> Cost | None:
    """Return what these tasks and the rest of the stack cost in an hour; None where no list knows it."""
    region = str(deployed.session.region_name)
    try:
        body = deployed.client("cloudformation").get_template(StackName=deployed.stack)["TemplateBody"]
        running = sum(_price(deployed, task, region) for task in tasks)
        return Cost(tasks=round(running, 4), rest=round(cost(body, region=region).fixed / HOURS_PER_MONTH, 4))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None


def _price(deployed: Deployed, task: dict[str, Any], region: str) -> float:
    definition = deployed.definition(task["taskDefinitionArn"])
    return TaskPrice(
        vcpu=int(definition["cpu"]) / 1024,
        memory_gb=int(definition["memory"]) / 1024,
        architecture=definition["runtimePlatform"]["cpuArchitecture"],
        region=region,
        on_demand_tasks=0 if task.get("capacityProviderName") == "FARGATE_SPOT" else 1,
    ).usd_per_hour(1)
