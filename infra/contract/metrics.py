"""Name the metrics that the service reports; service/kit/emf.py is the other half of this contract."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

NAMESPACE = "FlaskFargate"
DIMENSION = "Environment"
UNITS = {
    "Saturation": cloudwatch.Unit.PERCENT,
    "Requests": cloudwatch.Unit.COUNT,
    "Responses4xx": cloudwatch.Unit.COUNT,
    "Responses5xx": cloudwatch.Unit.COUNT,
    "Latency": cloudwatch.Unit.MILLISECONDS,
    "ShedRequests": cloudwatch.Unit.COUNT,
    "BrokenAnswers": cloudwatch.Unit.COUNT,
    "Streams": cloudwatch.Unit.COUNT,
    "WorkerRestarts": cloudwatch.Unit.COUNT,
}


def service_metric(name: str, *, environment_name: str, statistic: str) -> cloudwatch.Metric:
    """Return a metric of all workers of all tasks, by the minute.

    The average of `Saturation` is the share of busy threads, %. Raises KeyError for a name that the service
    does not report.
    """
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={DIMENSION: environment_name},
        unit=UNITS[name],
        statistic=statistic,
        period=Duration.minutes(1),
    )
