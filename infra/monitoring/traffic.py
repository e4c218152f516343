"""Read the load balancer's metrics of a service, over all its target groups."""

from collections.abc import Callable, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

MINUTE = Duration.minutes(1)

_Metrics = elbv2.IApplicationTargetGroupMetrics


class Traffic:
    """Metrics that count requests, errors, latency and tasks, by the minute.

    A blue/green deployment has two target groups: counts are added, and of latencies and unhealthy tasks the
    worse group counts, so that the new version alone can set off an alarm.
    """

    def __init__(self, target_groups: Sequence[elbv2.ApplicationTargetGroup]) -> None:
        self._groups = [group.metrics for group in target_groups]

    @property
    def requests(self) -> cloudwatch.IMetric:
        """Return the number of requests that reached tasks."""
        return self._sum("requests", lambda group: group.request_count(period=MINUTE))

    @property
    def errors(self) -> cloudwatch.IMetric:
        """Return the number of requests that tasks answered with 5xx."""
        return self._sum(
            "5xx", lambda group: group.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=MINUTE)
        )

    @property
    def error_percent(self) -> cloudwatch.IMetric:
        """Return the share of errors, %; 0 below 20 requests, where a single error would be 5 % or more."""
        return cloudwatch.MathExpression(
            expression="IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)",
            using_metrics={"errors": self.errors, "requests": self.requests},
            period=MINUTE,
            label="5xx of the service, %",
        )

    def latency(self, statistic: str) -> cloudwatch.IMetric:
        """Return a percentile, such as p95, of the time that tasks took to answer, s."""
        return self._worst(
            f"{statistic} latency, s",
            lambda group: group.target_response_time(period=MINUTE, statistic=statistic),
        )

    def latency_under_load(self, statistic: str) -> cloudwatch.IMetric:
        """Return the percentile; 0 below 20 requests, where a single slow one would be the percentile."""
        return cloudwatch.MathExpression(
            expression="IF(requests >= 20, FILL(latency, 0), 0)",
            using_metrics={"latency": self.latency(statistic), "requests": self.requests},
            period=MINUTE,
            label=f"{statistic} latency, s",
        )

    @property
    def unhealthy(self) -> cloudwatch.IMetric:
        """Return the number of tasks that fail their health check."""
        return self._worst(
            "unhealthy tasks", lambda group: group.unhealthy_host_count(period=MINUTE, statistic="Maximum")
        )

    @property
    def healthy(self) -> cloudwatch.IMetric:
        """Return the number of tasks that pass their health check."""
        return self._worst(
            "healthy tasks", lambda group: group.healthy_host_count(period=MINUTE, statistic="Maximum")
        )

    def _sum(self, label: str, metric: Callable[[_Metrics], cloudwatch.Metric]) -> cloudwatch.IMetric:
        return self._joined("+", label, metric)

    def _worst(self, label: str, metric: Callable[[_Metrics], cloudwatch.Metric]) -> cloudwatch.IMetric:
        return self._joined(",", label, metric)

    def _joined(
        self, how: str, label: str, metric: Callable[[_Metrics], cloudwatch.Metric]
    ) -> cloudwatch.IMetric:
        # Names that are unique to the metric, because an expression may contain other expressions.
        stem = "".join(letter for letter in label if letter.isalnum()).lower()
        each = {f"m{stem}{number}": metric(group) for number, group in enumerate(self._groups)}
        if len(each) == 1:
            return next(iter(each.values())).with_(label=label)
        filled = how.join(f"FILL({name}, 0)" for name in each)
        return cloudwatch.MathExpression(
            expression=filled if how == "+" else f"MAX([{filled}])",
            using_metrics=dict(each),
            period=MINUTE,
            label=label,
        )
