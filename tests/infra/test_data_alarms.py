"""Test the alarms about a database and a cache: on the right one, in time, and rolling nothing back."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra.application import build_app
from infra.parameters import Aurora, Environment, Postgres, Tasks, Valkey
from infra.stack import WebStack

_FEW = Tasks(max=2, threads=4)
RDS = Postgres(instance="t4g.small")
PAUSING = Aurora(max_acu=4)


def alarms(tmp_path: Path, **given: Any) -> dict[str, dict[str, Any]]:
    """Return the alarms whose construct begins with Database or Cache, by that name."""
    app = build_app(Environment(name="test", tasks=_FEW, **given), outdir=str(tmp_path))
    [stack] = (each for each in app.node.children if isinstance(each, WebStack))
    found = Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    names = (
        *("DatabaseConnections", "DatabaseBusy", "DatabaseStorage", "DatabaseRotation"),
        *("CacheStorage", "CacheSlowed"),
    )
    return {name: each["Properties"] for key, each in found.items() for name in names if name in key}


def watched(alarm: dict[str, Any]) -> tuple[str, str, float]:
    [dimension] = alarm["Dimensions"]
    return (
        f"{alarm['Namespace']} {alarm['MetricName']}",
        f"{dimension['Name']}={dimension['Value']}",
        alarm["Threshold"],
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"database": RDS},
            {
                "DatabaseConnections": ("AWS/RDS DatabaseConnections", "DBInstanceIdentifier=data-test", 160),
                "DatabaseBusy": ("AWS/RDS CPUUtilization", "DBInstanceIdentifier=data-test", 90),
                "DatabaseStorage": (
                    "AWS/RDS FreeStorageSpace",
                    "DBInstanceIdentifier=data-test",
                    2 * 1024**3,
                ),
            },
        ),
        (
            {"database": PAUSING},
            {
                "DatabaseConnections": ("AWS/RDS DatabaseConnections", "DBClusterIdentifier=data-test", 512),
                "DatabaseBusy": ("AWS/RDS ACUUtilization", "DBClusterIdentifier=data-test", 90),
            },
        ),
        (
            {"cache": Valkey(max_storage_gb=2)},
            {
                "CacheStorage": (
                    "AWS/ElastiCache BytesUsedForCache",
                    "ServerlessCacheName=data-test",
                    1_600_000_000,
                ),
                "CacheSlowed": ("AWS/ElastiCache ThrottledCmds", "ServerlessCacheName=data-test", 0),
            },
        ),
        ({}, {}),
    ],
)
def test_each_is_watched_by_its_name(
    tmp_path: Path, given: dict[str, Any], expected: dict[str, tuple[str, str, float]]
) -> None:
    found = alarms(tmp_path, **given)
    found.pop("DatabaseRotation", None)
    assert {name: watched(each) for name, each in found.items()} == expected


def test_a_login_that_the_database_did_not_get_is_told(tmp_path: Path) -> None:
    alarm = alarms(tmp_path, database=RDS)["DatabaseRotation"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/Lambda", "Errors", 0)
    assert "DatabaseRotation" in str(alarm["Dimensions"])


def test_too_little_space_is_the_alarm_and_silence_is_none(tmp_path: Path) -> None:
    storage = alarms(tmp_path, database=RDS)["DatabaseStorage"]
    assert storage["ComparisonOperator"] == "LessThanThreshold"
    assert storage["TreatMissingData"] == "notBreaching"


def test_they_roll_nothing_back(tmp_path: Path) -> None:
    app = build_app(Environment(name="test", tasks=_FEW, database=RDS), outdir=str(tmp_path))
    [stack] = (each for each in app.node.children if isinstance(each, WebStack))
    [service] = Template.from_stack(stack).find_resources("AWS::ECS::Service").values()
    rolling_back = str(service["Properties"]["DeploymentConfiguration"]["Alarms"])
    assert "Database" not in rolling_back
