"""Read step scaling policies and their alarms, and measure what these look at: queues and running tasks."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tools.local_cloud.runner.metric_math import UnknownMathError, calculate
from tools.rehearsal.steps import Step, StepPolicy

_QUEUE = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
}


class Stepped(NamedTuple):
    """A policy, and the metrics of its alarm as CloudWatch's API has them."""

    policy: StepPolicy
    metrics: tuple[dict[str, Any], ...]


def stepped(policy: dict[str, Any], alarms: list[dict[str, Any]]) -> Stepped | None:
    """Return a step policy with its alarm; None for another kind, or one without an alarm."""
    configuration = policy.get("StepScalingPolicyConfiguration")
    alarm = next((each for each in alarms if policy["PolicyARN"] in each.get("AlarmActions", [])), None)
    if not configuration or not alarm:
        return None
    comparison = alarm["ComparisonOperator"]
    metrics = tuple(alarm.get("Metrics") or [{"Id": "only", "MetricStat": {"Metric": alarm}}])
    periods = [each["MetricStat"].get("Period") for each in metrics if each.get("MetricStat")]
    return Stepped(
        StepPolicy(
            name=policy["PolicyName"],
            kind=configuration["AdjustmentType"],
            steps=tuple(_step(each) for each in configuration["StepAdjustments"]),
            threshold=float(alarm["Threshold"]),
            above=comparison.startswith("Greater"),
            inclusive="OrEqual" in comparison,
            periods=int(alarm["EvaluationPeriods"]),
            period_s=int(next(filter(None, periods), alarm.get("Period") or 60)),
            least=int(configuration.get("MinAdjustmentMagnitude", 1)),
            cooldown_s=int(configuration.get("Cooldown", 300)),
        ),
        metrics,
    )


def _step(adjustment: dict[str, Any]) -> Step:
    bounds = [adjustment.get(f"MetricInterval{which}Bound") for which in ("Lower", "Upper")]
    lower, upper = (None if each is None else float(each) for each in bounds)
    return Step(lower, upper, int(adjustment["ScalingAdjustment"]))


class Queues:
    """Read what alarms on queues and tasks look at now."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def value(self, of: Stepped, *, running: int) -> float | None:
        """Return the alarm's metric for a service with so many tasks; None where it cannot be measured."""
        values = {
            each["Id"]: self._measured(each["MetricStat"]["Metric"], running)
            for each in of.metrics
            if each.get("MetricStat")
        }
        expressions = [each["Expression"] for each in of.metrics if each.get("Expression")]
        if not expressions:
            return next(iter(values.values()), None)
        try:
            return calculate(expressions[-1], values)
        except UnknownMathError:
            return None

    def _measured(self, metric: dict[str, Any], running: int) -> float | None:
        name = metric["MetricName"]
        if metric["Namespace"] == "AWS/ECS" and name == "CPUUtilization":
            return float(running) if running else None  # each task sends one sample a minute
        if metric["Namespace"] != "AWS/SQS" or name not in _QUEUE:
            return None
        [queue] = [each["Value"] for each in metric["Dimensions"] if each["Name"] == "QueueName"]
        asked = _QUEUE[name]
        try:
            url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[asked])
        except ClientError:
            return None  # the queue is gone, or not there yet
        return float(answer["Attributes"][asked])
