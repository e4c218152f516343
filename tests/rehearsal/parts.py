"""Make small services with numbers that are easy to calculate with."""

from collections.abc import Callable

from tools.prices import TaskPrice
from tools.rehearsal.autoscaler import Autoscaler
from tools.rehearsal.policies import Policies, TargetTracking
from tools.rehearsal.simulation import Service
from tools.rehearsal.task import Task

Metric = Callable[[int], float]

CPU = TargetTracking(metric="cpu", target=50, delay_s=0)


def policies(
    *tracked: TargetTracking, least: int = 1, most: int = 100, out_s: int = 0, in_s: int = 0
) -> Policies:
    return Policies(
        min_tasks=least,
        max_tasks=most,
        tracked=tracked or (CPU,),
        out_cooldown_s=out_s,
        in_cooldown_s=in_s,
    )


def changes(of: Policies, *metrics: Metric, desired: int, until: int) -> list[tuple[int, int]]:
    """Return each second at which the desired count changes, and the new count; one metric per policy."""
    autoscaler, found = Autoscaler(of, desired=desired), []
    for second in range(until):
        before = autoscaler.desired
        if autoscaler.decide(second) != before:
            found.append((second, autoscaler.desired))
        for alarms, metric in zip(autoscaler.alarms, metrics, strict=True):
            alarms.observe(second, metric(second))
    return found


def service(of: Policies, *, start_s: int = 60, drain_s: int = 30) -> Service:
    """Make tasks of half a vCPU that take 50 requests per second: 32 threads, 200 ms each, 10 ms of CPU."""
    return Service(
        name="test",
        policies=of,
        task=Task(slots=32, vcpu=0.5, request_s=0.2, cpu_s=0.01),
        price=TaskPrice(vcpu=0.5, memory_gb=1, architecture="ARM64", region="eu-west-1", on_demand_tasks=2),
        start_s=start_s,
        drain_s=drain_s,
    )
