"""Test which records Route 53 answers with, by the cases of its own documentation."""

from typing import Any

import pytest

from tools.fleet.answers import answers

NEAREST = ("eu-west-1", "us-east-1")


def record(name: str, **routing: Any) -> dict[str, Any]:
    return {"SetIdentifier": name, "HealthCheckId": name, **routing}


LATENCY = [record("eu", Region="eu-west-1"), record("us", Region="us-east-1")]
FAILOVER = [record("us", Failover="SECONDARY"), record("eu", Failover="PRIMARY")]
WEIGHTED = [record("a", Weight=60), record("b", Weight=20), record("c", Weight=20), record("none", Weight=0)]


@pytest.mark.parametrize(
    ("records", "failing", "found"),
    [
        (LATENCY, set(), {"eu": 100}),
        (LATENCY, {"us"}, {"eu": 100}),
        (LATENCY, {"eu"}, {"us": 100}),
        (LATENCY, {"eu", "us"}, {"eu": 100}),
        (FAILOVER, set(), {"eu": 100}),
        (FAILOVER, {"eu"}, {"us": 100}),
        (FAILOVER, {"us"}, {"eu": 100}),
        (FAILOVER, {"eu", "us"}, {"eu": 100}),
        (WEIGHTED, set(), {"a": 60, "b": 20, "c": 20}),
        (WEIGHTED, {"a"}, {"b": 50, "c": 50}),
        (WEIGHTED, {"a", "b", "c"}, {"none": 100}),
        (WEIGHTED, {"a", "b", "c", "none"}, {"a": 60, "b": 20, "c": 20}),
    ],
)
def test_a_member_that_fails_is_left_out_unless_all_fail(
    records: list[dict[str, Any]], failing: set[str], found: dict[str, float]
) -> None:
    assert answers(records, failing=failing, nearest=NEAREST) == found


def test_who_is_elsewhere_is_answered_from_there() -> None:
    assert answers(LATENCY, failing=set(), nearest=NEAREST[::-1]) == {"us": 100}
