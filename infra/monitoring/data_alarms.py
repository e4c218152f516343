"""Create the alarms about a database and a cache that the kit makes: before they are full, not after.

They roll nothing back. Thresholds are those of widely used modules, such as
https://github.com/cloudposse/terraform-aws-rds-cloudwatch-sns-alarms.
"""

from collections.abc import Iterator

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from infra.monitoring.alarms import AlarmSet
from infra.monitoring.traffic import MINUTE
from infra.parameters import Aurora, Postgres, Valkey

FULL_PERCENT, BUSY_PERCENT = 80, 90
_GB, _GIB = 10**9, 1024**3
# RDS enlarges a volume by itself below a tenth, up to max_storage_gib.
_FREE_GIB = 2


def database_alarms(alarms: AlarmSet, choice: Postgres | Aurora, *, name: str) -> Iterator[cloudwatch.Alarm]:
    """Yield the alarms about the database called `name`."""
    serverless = isinstance(choice, Aurora)

    def metric(of: str, statistic: str) -> cloudwatch.Metric:
        dimension = "DBClusterIdentifier" if serverless else "DBInstanceIdentifier"
        return _metric("AWS/RDS", of, statistic, {dimension: name})

    yield alarms.alarm(
        "DatabaseConnections",
        metric("DatabaseConnections", "Maximum"),
        choice.max_connections * FULL_PERCENT // 100,
        "The database will soon refuse connections. First {status}: is somebody at work beside the tasks? "
        "Then a smaller pool_size, or a larger database.",
        minutes=5,
    )
    yield alarms.alarm(
        "DatabaseBusy",
        metric("ACUUtilization" if serverless else "CPUUtilization", "Average"),
        BUSY_PERCENT,
        "The database computes all the time. First its slow statements, in its log; then "
        + ("a larger max_acu." if serverless else "a larger instance."),
        minutes=15,
    )
    if not serverless:
        yield alarms.alarm(
            "DatabaseStorage",
            metric("FreeStorageSpace", "Minimum"),
            _FREE_GIB * _GIB,
            "The database is nearly full, and will stop. First raise max_storage_gib.",
            below=True,
        )


def rotation_alarm(alarms: AlarmSet, function: lambda_.IFunction) -> cloudwatch.Alarm:
    """Return the alarm about a new login that the database did not get: the app goes on with the old one."""
    return alarms.alarm(
        "DatabaseRotation",
        function.metric_errors(period=MINUTE),
        0,
        "The app got no new login of its database, and goes on with the old one. First the function's log.",
        minutes=1,
    )


def cache_alarms(alarms: AlarmSet, choice: Valkey, *, name: str) -> Iterator[cloudwatch.Alarm]:
    """Yield the alarms about the cache called `name`."""

    # The dimension is the one of the CDK's own construct, aws-elasticache-alpha.
    def metric(of: str, statistic: str) -> cloudwatch.Metric:
        return _metric("AWS/ElastiCache", of, statistic, {"ServerlessCacheName": name})

    yield alarms.alarm(
        "CacheStorage",
        metric("BytesUsedForCache", "Maximum"),
        choice.max_storage_gb * _GB * FULL_PERCENT // 100,
        "The cache will soon drop or refuse what is written. First a time to live, then more max_storage_gb.",
        minutes=5,
    )
    yield alarms.alarm(
        "CacheSlowed",
        metric("ThrottledCmds", "Sum"),
        0,
        "The cache slows commands down. First a larger max_ecpu_per_second.",
        minutes=5,
    )


def _metric(namespace: str, of: str, statistic: str, where: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=of, statistic=statistic, dimensions_map=where, period=MINUTE
    )
