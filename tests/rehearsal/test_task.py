"""Test how many requests a task takes, and what its metrics say."""

from dataclasses import replace

import pytest

from tests.rehearsal.parts import service
from tools.rehearsal.policies import Policies, TargetTracking
from tools.rehearsal.task import Task

# 32 threads / 0.2 s = 160 requests/s; 0.5 vCPU / 0.01 s = 50 requests/s.
TASK = Task(slots=32, vcpu=0.5, request_s=0.2, cpu_s=0.01)


def test_busy_slots_are_rate_times_request_time() -> None:
    # 20 requests/s x 0.2 s = 4 busy of 32.
    assert TASK.saturation_percent(20) == pytest.approx(12.5)


def test_cpu_is_rate_times_cpu_time() -> None:
    # 20 requests/s x 0.01 s = 0.2 of 0.5 vCPU.
    assert TASK.cpu_percent(20) == pytest.approx(40)


def test_capacity_is_what_runs_out_first() -> None:
    assert (TASK.capacity_rps, TASK.limit) == (50, "CPU")
    waiting = replace(TASK, request_s=2.0)
    assert (waiting.capacity_rps, waiting.limit) == (16, "threads")


def test_beyond_capacity_all_slots_are_busy_and_refused_requests_cost_no_cpu() -> None:
    assert TASK.saturation_percent(51) == 100
    assert TASK.cpu_percent(500) == pytest.approx(100)
    # 16 requests/s x 0.01 s = 0.16 of 0.5 vCPU, however many are refused.
    assert replace(TASK, request_s=2.0).cpu_percent(500) == pytest.approx(32)


def test_requests_per_target_count_refused_ones() -> None:
    assert TargetTracking(metric="requests", target=1000).value(TASK, 500) == 30_000


@pytest.mark.parametrize(
    ("metric", "target", "kept_rps"),
    [("cpu", 60, 30), ("requests", 1000, 1000 / 60), ("saturation", 70, 112)],
)
def test_a_task_at_the_rate_that_a_target_keeps_is_at_the_target(
    metric: str, target: float, kept_rps: float
) -> None:
    # CPU: 0.6 x 0.5 / 0.01. Busy slots: 0.7 x 32 / 0.2, more than CPU allows, which kept_rps does not judge.
    policy = TargetTracking(metric=metric, target=target)  # type: ignore[arg-type] # parametrised
    assert policy.kept_rps(TASK) == pytest.approx(kept_rps)
    roomy = replace(TASK, vcpu=2.0) if metric == "saturation" else TASK
    assert policy.value(roomy, policy.kept_rps(roomy)) == pytest.approx(target)


def test_named_traffic_starts_from_sixty_percent_of_what_the_fewest_tasks_keep() -> None:
    # Requests are tightest: 1200 a minute are 20 a second, less than the 30 of 60 % CPU. 0.6 x 2 x 20 = 24.
    both = Policies(
        min_tasks=2,
        max_tasks=10,
        tracked=(TargetTracking(metric="cpu", target=60), TargetTracking(metric="requests", target=1200)),
        out_cooldown_s=60,
        in_cooldown_s=300,
    )
    assert service(both).quiet_rps == pytest.approx(24)
