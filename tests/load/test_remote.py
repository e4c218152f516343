"""Test what CloudWatch is asked beside a load to a deployed environment, and what is said of it."""

from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tools.load.remote import told, whole_minutes
from tools.operate.deployed import Deployed

_NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def _at(seconds: float) -> float:
    return _NOON.timestamp() + seconds


@pytest.mark.parametrize(
    ("began", "ended", "minutes"),
    [
        (0, 60, (0, 1)),
        (1, 179, (1, 2)),
        (59, 181, (1, 3)),
        (1, 119, None),
        (10, 50, None),
    ],
)
def test_only_minutes_that_are_all_of_the_load_count(
    began: float, ended: float, minutes: tuple[int, int] | None
) -> None:
    found = whole_minutes(_at(began), _at(ended))
    assert found == (minutes and tuple(_NOON.replace(minute=each) for each in minutes))


class _Prod:
    """Stand for a deployed environment, whose answers botocore checks against AWS's own model."""

    environment = "prod"

    def __init__(self, *values: tuple[str, list[float]]) -> None:
        self._cloudwatch = boto3.client(
            "cloudwatch", region_name="eu-west-1", aws_access_key_id="0", aws_secret_access_key="0"
        )
        stubber = Stubber(self._cloudwatch)
        results = [{"Id": name, "Values": found} for name, found in values]
        asked = {
            "MetricDataQueries": ANY,
            "StartTime": _NOON.replace(minute=1),
            "EndTime": _NOON.replace(minute=3),
        }
        stubber.add_response("get_metric_data", {"MetricDataResults": results}, asked)
        stubber.activate()

    def client(self, _service: str) -> Any:
        return self._cloudwatch

    def service(self) -> dict[str, Any]:
        return {"runningCount": 4}


def test_the_figures_of_the_load_stand_beside_it() -> None:
    prod = _Prod(
        ("requests", [2400, 3600]),
        ("responses5xx", [0, 60]),
        ("latency", [250, 310]),
        ("saturation", [50, 70]),
    )
    # 6,000 in two minutes, 60 of them errors.
    assert told(cast("Deployed", prod), _at(59), _at(181)) == (
        "prod by CloudWatch: 50 requests/s, 1 % 5xx, p95 310 ms in the worst minute, "
        "60 % of threads busy; 4 tasks"
    )


def test_a_load_without_a_whole_minute_is_told_how_long_to_be() -> None:
    assert "take FOR=2m or more" in told(cast("Deployed", _Prod()), _at(10), _at(50))
