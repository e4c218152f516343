"""Test the values that the rehearsal takes from an environment."""

from typing import Any

import pytest

from infra.parameters import Environment, ScalingTargets, Tasks
from tests.environments import ENVIRONMENTS
from tools.rehearsal.from_environment import NothingToRehearseError, rehearsed


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_every_environment_can_be_rehearsed(environment: Environment) -> None:
    service = rehearsed(environment)
    assert (service.policies.min_tasks, service.policies.max_tasks) == (
        environment.tasks.min,
        environment.tasks.max,
    )
    assert service.policies.tracked
    assert service.quiet_rps > 0


def test_slots_are_workers_times_threads() -> None:
    tasks = Tasks(workers=3, threads=5, cpu=1024, memory_mib=2048)
    service = rehearsed(Environment(name="test", tasks=tasks), request_ms=300, cpu_ms=20)
    assert (service.task.slots, service.task.vcpu) == (15, 1)
    assert (service.task.request_s, service.task.cpu_s) == (0.3, 0.02)


def test_targets_and_cooldowns_are_the_environments() -> None:
    scaling = ScalingTargets(cpu_percent=45, out_cooldown_s=30, in_cooldown_s=400)
    policies = rehearsed(Environment(name="test", scaling=scaling)).policies
    assert {policy.metric: policy.target for policy in policies.tracked}["cpu"] == 45
    assert (policies.out_cooldown_s, policies.in_cooldown_s) == (30, 400)


def scaled(**targets: Any) -> Environment:
    return Environment(name="test", scaling=ScalingTargets(**targets))


def test_what_is_tracked_is_rehearsed_and_a_target_that_is_not_set_is_not() -> None:
    tracked = rehearsed(scaled()).policies.tracked
    assert [(policy.metric, policy.target) for policy in tracked] == [("saturation", 70), ("cpu", 60)]


def test_an_environment_that_tracks_nothing_of_it_is_told_what_to_set() -> None:
    environment = scaled(saturation_percent=None, cpu_percent=None, memory_percent=80)
    with pytest.raises(NothingToRehearseError, match=r"test tracks nothing .* set one of saturation_percent"):
        rehearsed(environment)


def test_twenty_second_metrics_are_not_those_of_the_load_balancer() -> None:
    environment = scaled(saturation_percent=None, requests_per_task_per_minute=1000)
    tracked = rehearsed(environment, period_s=20).policies.tracked
    assert {policy.metric: (policy.period_s, policy.delay_s) for policy in tracked} == {
        "cpu": (20, 16),
        "requests": (60, 153),
    }


def test_fast_metrics_of_the_environment_are_those_of_cpu() -> None:
    tracked = rehearsed(scaled(fast_metrics=True)).policies.tracked
    assert {policy.metric: policy.period_s for policy in tracked} == {"saturation": 60, "cpu": 20}


@pytest.mark.parametrize(("spot", "on_demand"), [("never", 10), ("above_min", 2), ("always", 0)])
def test_spot_is_paid_as_the_environment_has_it(spot: Any, on_demand: int) -> None:
    environment = Environment(name="test", tasks=Tasks(min=2, max=10, spot=spot))
    price = rehearsed(environment).price
    assert price.usd_per_hour(10) == pytest.approx(
        price.usd_per_hour(1) * 10
        if spot != "above_min"
        else price.usd_per_hour(2) + 0.33 * 8 * price.usd_per_hour(2) / 2
    )
    assert min(price.on_demand_tasks, 10) == on_demand


def test_tasks_drain_for_the_deregistration_delay() -> None:
    assert rehearsed(Environment(name="test", longest_request_s=20)).drain_s == 20
