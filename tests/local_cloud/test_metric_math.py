"""Test the metric math that the kit's own alarms use."""

import pytest

from tools.local_cloud.runner.metric_math import UnknownMathError, calculate

BACKLOG = "(waiting + working) / FILL(tasks, 1)"


@pytest.mark.parametrize(
    ("tasks", "found"),
    [(4, 3.0), (None, 12.0), (0, None)],
)
def test_messages_for_each_task(tasks: float | None, found: float | None) -> None:
    assert calculate(BACKLOG, {"waiting": 10, "working": 2, "tasks": tasks}) == found


def test_a_metric_that_is_missing_makes_the_sum_missing() -> None:
    assert calculate(BACKLOG, {"waiting": None, "working": 2, "tasks": 1}) is None


@pytest.mark.parametrize("expression", ["IF(a > 1, 2)", "a +", "b", "__import__('os')"])
def test_what_is_not_calculated_is_refused(expression: str) -> None:
    with pytest.raises(UnknownMathError):
        calculate(expression, {"a": 1})
