"""Test each rule of target tracking against arithmetic that fits into a comment."""

from dataclasses import replace
from functools import partial

import pytest

from tests.rehearsal.parts import CPU, changes, policies
from tools.rehearsal.autoscaler import Alarms, Autoscaler, whole
from tools.rehearsal.policies import DELAY_S, TargetTracking

REQUESTS = TargetTracking(metric="requests", target=1000, delay_s=0)


def _from(start: int, value: float, second: int) -> float:
    return value if second >= start else 0


def test_adds_tasks_after_three_datapoints_above_the_target() -> None:
    # Datapoints end at 60, 120 and 180; 3 tasks x 80 / 50 = 4.8, so 5.
    assert changes(policies(), lambda _: 80, desired=3, until=181) == [(180, 5)]
    assert changes(policies(), lambda _: 80, desired=3, until=180) == []


def test_a_metric_at_its_target_adds_nothing() -> None:
    assert changes(policies(), lambda _: 50, desired=3, until=3600) == []


def test_rounding_errors_add_no_task() -> None:
    assert 0.1 + 0.1 + 0.1 > 0.3
    assert whole((0.1 + 0.1 + 0.1) / 0.3) == 1
    assert changes(policies(), lambda _: 50 * (0.1 + 0.1 + 0.1) / 0.3, desired=3, until=3600) == []


def test_one_datapoint_below_the_target_starts_the_count_anew() -> None:
    # The datapoint of 120 to 180 is below, so the third above it in a row ends at 360.
    found = changes(policies(), lambda second: 40 if 120 <= second < 180 else 80, desired=3, until=361)
    assert found == [(360, 5)]


def test_a_datapoint_is_the_mean_of_its_period() -> None:
    # 30 s at 20 and 30 s at 90 are 55: 10 x 55 / 50 = 11.
    found = changes(policies(), lambda second: 90 if second % 60 >= 30 else 20, desired=10, until=181)
    assert found == [(180, 11)]


def test_a_datapoint_acts_after_its_delay() -> None:
    late = replace(CPU, delay_s=45)
    assert changes(policies(late), lambda _: 80, desired=3, until=240) == [(225, 5)]


@pytest.mark.parametrize(("period_s", "measured_s"), [(60, 363), (20, 86)])
def test_acts_as_late_as_aws_measured(period_s: int, measured_s: int) -> None:
    # The mean over all moments at which a load that is just too high may begin.
    tracked = policies(replace(CPU, period_s=period_s, delay_s=DELAY_S[period_s]))
    waits = []
    for start in range(period_s):
        metric = partial(_from, start, 50.5)
        acts, _ = changes(tracked, metric, desired=1, until=start + 400)[0]
        waits.append(acts - start)
    assert sum(waits) / len(waits) == pytest.approx(measured_s, abs=1)


def test_an_alarm_that_lasts_acts_every_minute() -> None:
    # 20-second datapoints: 60 s to the alarm, then not at 80 and 100. 1, 2, 4, 8.
    quick = replace(CPU, period_s=20)
    assert changes(policies(quick), lambda _: 100, desired=1, until=181) == [(60, 2), (120, 4), (180, 8)]


def test_the_same_load_adds_nothing_in_the_scale_out_cooldown() -> None:
    # At 180: 2 x 100 / 50 = 4. At 240 the two that were added count: 2 x 2 is still 4. At 300: 4 x 2 = 8.
    found = changes(policies(out_s=120), lambda _: 100, desired=2, until=301)
    assert found == [(180, 4), (300, 8)]


def test_a_larger_load_adds_the_difference_in_the_scale_out_cooldown() -> None:
    # At 180: 2 x 100 / 50 = 4. At 240: 2 x 150 / 50 = 6, of which two are there.
    found = changes(policies(out_s=120), lambda second: 150 if second >= 180 else 100, desired=2, until=241)
    assert found == [(180, 4), (240, 6)]


def test_removes_tasks_after_fifteen_minutes_below_ninety_percent_of_the_target() -> None:
    # 44 is below 45; 10 x 44 / 50 = 8.8, so 9.
    assert changes(policies(), lambda _: 44, desired=10, until=901) == [(900, 9)]
    assert changes(policies(), lambda _: 44, desired=10, until=900) == []


def test_keeps_tasks_between_ninety_percent_and_the_target() -> None:
    assert changes(policies(), lambda _: 45, desired=10, until=3600) == []


def test_removes_tasks_after_fifteen_minutes_of_twenty_second_metrics_too() -> None:
    quick = replace(CPU, period_s=20)
    assert changes(policies(quick), lambda _: 44, desired=10, until=901) == [(900, 9)]


def test_removes_nothing_in_the_scale_in_cooldown() -> None:
    # 10 x 30 / 50 = 6; the alarm lasts, and at 900 + 300: 6 x 30 / 50 = 3.6, so 4.
    found = changes(policies(in_s=300), lambda _: 30, desired=10, until=1201)
    assert found == [(900, 6), (1200, 4)]


def test_adds_tasks_in_the_scale_in_cooldown_and_ends_it() -> None:
    # Removed at 900: 10 x 40 / 50 = 8. Three datapoints of 100 end at 1080: 8 x 2 = 16.
    found = changes(
        policies(in_s=3600, out_s=3600), lambda second: 40 if second < 900 else 100, desired=10, until=1100
    )
    assert found == [(900, 8), (1080, 16)]
    # With the cooldown ended, 15 minutes of 40 remove again: 16 x 40 / 50 = 12.8, so 13.
    back = changes(
        policies(in_s=3600, out_s=3600),
        lambda second: 100 if 900 <= second < 1080 else 40,
        desired=10,
        until=2100,
    )
    assert back == [(900, 8), (1080, 16), (1980, 13)]


def test_after_tasks_were_removed_none_of_those_added_before_count() -> None:
    # Added at 180: 5 x 100 / 50 = 10. Removed 15 minutes after: 10 x 40 / 50 = 8. Added: 8 x 75 / 50 = 12.
    def metric(second: int) -> float:
        return 100 if second < 180 else 40 if second < 1080 else 75

    found = changes(policies(out_s=3600, in_s=300), metric, desired=5, until=1300)
    assert found == [(180, 10), (1080, 8), (1260, 12)]


def test_the_policy_that_asks_for_most_wins() -> None:
    # CPU: 4 x 60 / 50 = 4.8, so 5. Requests: 4 x 2000 / 1000 = 8.
    both = policies(CPU, REQUESTS)
    assert changes(both, lambda _: 60, lambda _: 2000, desired=4, until=181) == [(180, 8)]


def test_one_policy_is_enough_to_add_tasks() -> None:
    both = policies(CPU, REQUESTS)
    assert changes(both, lambda _: 60, lambda _: 100, desired=4, until=181) == [(180, 5)]


def test_all_policies_must_agree_to_remove_tasks() -> None:
    # Requests would do with 20 x 910 / 1000 = 18.2, so 19, but 910 is not below 900.
    both = policies(CPU, REQUESTS)
    assert changes(both, lambda _: 10, lambda _: 910, desired=20, until=3600) == []
    # CPU alone would do with 2, requests need 10 x 500 / 1000 = 5.
    assert changes(both, lambda _: 10, lambda _: 500, desired=10, until=901) == [(900, 5)]


def test_stays_within_minimum_and_maximum() -> None:
    assert changes(policies(most=7), lambda _: 500, desired=2, until=3600) == [(180, 7)]
    assert changes(policies(least=3), lambda _: 0, desired=10, until=3600) == [(900, 3)]


def test_while_a_service_is_deployed_tasks_are_added_and_none_removed() -> None:
    autoscaler = Autoscaler(policies(), desired=4)
    for second in range(1200):
        assert autoscaler.decide(second, may_remove=False) == 4
        autoscaler.alarms[0].observe(second, 10)
    for second in range(1200, 1400):
        autoscaler.decide(second, may_remove=False)
        autoscaler.alarms[0].observe(second, 100)
    assert autoscaler.desired == 8


def test_a_missing_datapoint_starts_every_count_anew() -> None:
    alarms = Alarms(CPU)
    for second in range(240):
        alarms.observe(second, None if 60 <= second < 120 else 80)
        assert not alarms.high or second >= 299
    for second in range(240, 300):
        alarms.observe(second, 80)
    assert alarms.high
