"""Test the number of tasks, overload and cost when traffic follows a trace."""

import random
from dataclasses import replace

import pytest

from tests.rehearsal.parts import CPU, policies, service
from tools.prices import FARGATE, TaskPrice
from tools.rehearsal.fleet import Fleet
from tools.rehearsal.outcome import outcome
from tools.rehearsal.policies import TargetTracking
from tools.rehearsal.simulation import simulate


def test_a_task_serves_after_its_start_time() -> None:
    fleet = Fleet(serving=1, start_s=60, drain_s=30)
    fleet.follow(3, 100)
    assert (fleet.serving, fleet.starting) == (1, 2)
    fleet.follow(3, 159)
    assert (fleet.serving, fleet.starting) == (1, 2)
    fleet.follow(3, 160)
    assert (fleet.serving, fleet.starting) == (3, 0)


def test_a_task_that_leaves_drains() -> None:
    fleet = Fleet(serving=3, start_s=60, drain_s=30)
    fleet.follow(1, 100)
    assert (fleet.serving, fleet.draining) == (1, 2)
    fleet.follow(1, 129)
    assert fleet.draining == 2
    fleet.follow(1, 130)
    assert fleet.draining == 0


def test_a_task_that_has_not_started_leaves_first() -> None:
    fleet = Fleet(serving=2, start_s=60, drain_s=30)
    fleet.follow(4, 100)
    fleet.follow(3, 101)
    assert (fleet.serving, fleet.starting, fleet.draining) == (2, 1, 0)


def test_starts_with_the_tasks_that_the_first_rate_needs() -> None:
    # 50 % CPU are 25 requests/s of a task; 110 need 4.4, so 5.
    assert next(simulate(service(policies()), [110.0])).serving == 5


def test_an_overload_lasts_until_new_tasks_serve() -> None:
    # One task takes 50 requests/s; 90 come from second 60 on. Alarm at 240 (three datapoints of 100 % CPU),
    # 1 x 100 / 50 = 2 tasks, which take 100, at 300: 240 s x 40 requests/s are beyond capacity.
    trace = [20.0] * 60 + [90.0] * 540
    moments = list(simulate(service(policies(most=2)), trace))
    result = outcome(service(policies(most=2)), moments)
    assert next(second for second, moment in enumerate(moments) if moment.desired == 2) == 240
    assert (result.recovery_s, result.recovered) == (240, True)
    assert result.beyond == pytest.approx(240 * 40)
    assert result.requests == pytest.approx(60 * 20 + 540 * 90)
    assert (result.fewest, result.most, result.enough_tasks) == (1, 2, 2)


def test_an_overload_at_the_end_is_no_recovery() -> None:
    small = service(policies(most=1))
    result = outcome(small, list(simulate(small, [20.0] * 60 + [90.0] * 540)))
    assert not result.recovered
    assert result.recovery_s == 540


def test_refused_requests_drive_the_requests_policy_and_not_cpu() -> None:
    # 10 times capacity: CPU asks for twice the tasks at a time, requests for all of them at once.
    crowd = [500.0] * 200
    by_cpu = list(simulate(service(policies(most=2)), crowd))
    assert max(moment.cpu_percent for moment in by_cpu) == pytest.approx(100)
    requests = TargetTracking(metric="requests", target=1500, delay_s=0)
    start_small = replace(policies(requests), max_tasks=50)
    moments = list(simulate(service(start_small), [20.0] * 60 + [500.0] * 300))
    # 1 task x 30,000 a minute / 1500 = 20.
    assert moments[239].desired == 1
    assert moments[240].desired == 20


def test_a_task_costs_its_vcpu_and_memory_and_less_on_spot() -> None:
    # Half a vCPU and 1 GB: 0.5 x 0.03238 + 0.00356 = 0.01975 an hour; 2 on demand, 8 at a third of that.
    price = TaskPrice(vcpu=0.5, memory_gb=1, architecture="ARM64", region="eu-west-1", on_demand_tasks=2)
    assert price.usd_per_hour(2) == pytest.approx(2 * 0.01975)
    assert price.usd_per_hour(10) == pytest.approx(0.01975 * (2 + 0.33 * 8))


def test_a_region_without_prices_is_priced_as_another_and_says_so() -> None:
    price = TaskPrice(vcpu=1, memory_gb=2, architecture="X86_64", region="sa-east-1", on_demand_tasks=9)
    assert price.rate_region == "eu-west-1"
    rate = FARGATE["eu-west-1", "X86_64"]
    assert price.usd_per_hour(1) == pytest.approx(rate.vcpu + 2 * rate.gb)


def test_starting_and_draining_tasks_are_paid_for() -> None:
    moments = list(simulate(service(policies(most=2), start_s=60), [20.0] * 60 + [90.0] * 240))
    result = outcome(service(policies(most=2)), moments)
    # 240 s of one task and 60 s of two, one of which starts; all on demand.
    assert result.usd == pytest.approx(0.01975 * (240 + 2 * 60) / 3600)
    assert result.usd_at_max == pytest.approx(0.01975 * 2 * 300 / 3600)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_comes_the_counts_stay_within_their_limits(seed: int) -> None:
    chance = random.Random(seed)
    least, most = sorted(chance.sample(range(1, 30), 2))
    tracked = (
        replace(CPU, target=chance.randint(20, 90), delay_s=chance.randint(0, 200)),
        TargetTracking(metric="saturation", target=70, period_s=20, delay_s=16),
    )
    wild = policies(
        *tracked, least=least, most=most, out_s=chance.randint(0, 300), in_s=chance.randint(0, 300)
    )
    trace = [rps for _ in range(60) for rps in [chance.choice([0.0, chance.uniform(0, 3000)])] * 120]
    drain_s = chance.randint(0, 120)
    for moment in simulate(service(wild, start_s=chance.randint(0, 300), drain_s=drain_s), trace):
        assert least <= moment.desired <= most
        assert moment.serving + moment.starting == moment.desired
        assert 1 <= moment.serving <= most
        assert 0 <= moment.beyond_rps <= moment.rps
        assert 0 <= moment.cpu_percent <= 100 + 1e-9
        assert 0 <= moment.saturation_percent <= 100
