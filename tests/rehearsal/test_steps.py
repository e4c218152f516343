"""Test step scaling against the examples of AWS's pages, and arithmetic that fits into a comment."""

from dataclasses import replace

import pytest

from tools.rehearsal.steps import Adjustment, Step, Stepping, StepPolicy

# The example of docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html:
# above 60 add 10 % from 0 to 10 beyond, 30 % from 10 on; below 40 remove as much.
OUT = StepPolicy(
    name="out",
    kind="PercentChangeInCapacity",
    steps=(Step(0, 10, 10), Step(10, None, 30)),
    threshold=60,
    above=True,
)
IN = StepPolicy(
    name="in",
    kind="PercentChangeInCapacity",
    steps=(Step(-10, 0, -10), Step(None, -10, -30)),
    threshold=40,
    above=False,
)


@pytest.mark.parametrize(
    ("policy", "tasks", "value", "wanted"),
    [
        # The page's own example, from 10: 60 is one more, 70 of 11 is 3.3, so three; back at 40 one less.
        (OUT, 10, 60, 11),
        (OUT, 11, 70, 14),
        (IN, 14, 40, 13),
        # 30 % of 13 are 3.9, so three less.
        (IN, 13, 30, 10),
        # 10 % of 2 are 0.2, which counts as one.
        (OUT, 2, 65, 3),
        (IN, 2, 35, 1),
        (OUT, 10, 59, 10),
    ],
)
def test_percentages_are_rounded_towards_nothing_but_never_to_it(
    policy: StepPolicy, tasks: int, value: float, wanted: int
) -> None:
    assert (policy.adjusted(tasks, value) if policy.breached(value) else tasks) == wanted


def test_the_least_adjustment_counts_where_the_percentage_is_less() -> None:
    # AWS's API reference: 25 % of 4 tasks are one, and MinAdjustmentMagnitude 2 makes it two.
    policy = replace(OUT, steps=(Step(0, None, 25),), least=2)
    assert policy.adjusted(4, 60) == 6


@pytest.mark.parametrize(("kind", "wanted"), [("ChangeInCapacity", 9), ("ExactCapacity", 5)])
def test_a_step_may_be_a_number_of_tasks(kind: Adjustment, wanted: int) -> None:
    policy = replace(OUT, kind=kind, steps=(Step(0, None, 5),))
    assert policy.adjusted(4, 60) == wanted


def played(*values: float, periods: int = 1, cooldown_s: int = 120, most: int = 100) -> list[int]:
    """Return the count after each minute, from 10 tasks on, for the metric's value of each."""
    both = tuple(replace(each, periods=periods, cooldown_s=cooldown_s) for each in (OUT, IN))
    stepping, desired, counts = Stepping(both, min_tasks=1, max_tasks=most), 10, []
    for minute, value in enumerate(values):
        for second in range(minute * 60, minute * 60 + 60):
            desired = stepping.decide(second, {"out": value, "in": value}, desired=desired)
        counts.append(desired)
    return counts


def test_an_alarm_acts_at_the_end_of_its_period_and_again_while_it_lasts() -> None:
    # 10 + 1; then in the pause the same step adds nothing; after two minutes 11 + 1.
    assert played(65, 65, 65) == [11, 11, 12]


def test_in_the_pause_a_larger_step_adds_the_difference() -> None:
    # AWS's API reference: what the first activity added is part of what the larger one asks for. 10 + 3 = 13.
    assert played(65, 75) == [11, 13]


def test_several_periods_have_to_be_beyond_the_threshold() -> None:
    assert played(65, 50, 65, 65, periods=2) == [10, 10, 10, 11]


def test_in_the_pause_after_removing_nothing_is_removed() -> None:
    # 10 - 3 = 7, a pause, then 7 - 2 = 5.
    assert played(20, 20, 20) == [7, 7, 5]


def test_adding_ends_the_pause_after_removing() -> None:
    # 10 - 3 = 7; 7 + 30 % = 9; and 9 - 30 % = 7 at once.
    assert played(20, 80, 20) == [7, 9, 7]


def test_counts_stay_within_their_bounds() -> None:
    assert played(90, 50, 90, 50, most=14) == [13, 13, 14, 14]
