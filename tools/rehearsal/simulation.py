"""Simulate a service under a traffic trace, second by second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tools.prices import TaskPrice
from tools.rehearsal.autoscaler import Autoscaler, whole
from tools.rehearsal.fleet import Fleet
from tools.rehearsal.policies import Policies
from tools.rehearsal.task import Task


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service to rehearse: policies, a task, its price, and the seconds to start and to drain it."""

    name: str
    policies: Policies
    task: Task
    price: TaskPrice
    start_s: int
    drain_s: int

    @property
    def quiet_rps(self) -> float:
        """Return the load that named traffic starts from: 60 % of what the fewest tasks keep."""
        return 0.6 * self.policies.min_tasks * self.policies.tightest(self.task).kept_rps(self.task)


class Moment(NamedTuple):
    """One second: requests per second, tasks, % of CPU and of slots."""

    rps: float
    desired: int
    serving: int
    starting: int
    draining: int
    capacity_rps: float
    beyond_rps: float
    cpu_percent: float
    saturation_percent: float

    @property
    def billed(self) -> int:
        """Return the tasks that are paid for: Fargate bills from the pull of the image to the task's end."""
        return self.serving + self.starting + self.draining


def simulate(service: Service, trace: Sequence[float]) -> Iterator[Moment]:
    """Yield a moment for each second of the trace, which has a rate for each.

    At first there are as many tasks as the first rate needs at the targets.
    """
    task, policies = service.task, service.policies
    settled = whole(trace[0] / policies.tightest(task).kept_rps(task))
    first = min(policies.max_tasks, max(policies.min_tasks, settled))
    autoscaler = Autoscaler(policies, desired=first)
    fleet = Fleet(serving=first, start_s=service.start_s, drain_s=service.drain_s)
    for second, rps in enumerate(trace):
        fleet.follow(autoscaler.decide(second), second)
        share = rps / fleet.serving
        for alarms in autoscaler.alarms:
            alarms.observe(second, alarms.policy.value(task, share))
        capacity = fleet.serving * task.capacity_rps
        yield Moment(
            rps=rps,
            desired=autoscaler.desired,
            serving=fleet.serving,
            starting=fleet.starting,
            draining=fleet.draining,
            capacity_rps=capacity,
            beyond_rps=max(0.0, rps - capacity),
            cpu_percent=task.cpu_percent(share),
            saturation_percent=task.saturation_percent(share),
        )
