"""Hold the scaling policies of a service as plain values."""

from dataclasses import dataclass
from typing import Literal

from tools.rehearsal.task import Task

Metric = Literal["cpu", "requests", "saturation"]

# Seconds from the end of a period to what its datapoint sets off, by period. AWS measured 363 s from load to
# scale-out with 60-second metrics and 86 s with 20-second ones. Half a period until the first whole one and
# three of those are 210 s and 70 s; the rest is this.
# https://aws.amazon.com/about-aws/whats-new/2026/06/amazon-ecs-faster-autoscaling/
DELAY_S = {60: 153, 20: 16}


@dataclass(frozen=True, kw_only=True)
class TargetTracking:
    """A policy that keeps `metric` at `target`: %, or requests per task and minute."""

    metric: Metric
    target: float
    period_s: int = 60
    delay_s: int = DELAY_S[60]

    def value(self, task: Task, rps: float) -> float:
        """Return the metric of a task that gets this rate; refused requests count, as they were sent."""
        match self.metric:
            case "cpu":
                return task.cpu_percent(rps)
            case "requests":
                return 60 * rps
            case "saturation":
                return task.saturation_percent(rps)

    def kept_rps(self, task: Task) -> float:
        """Return the rate of a task that is exactly at the target."""
        match self.metric:
            case "cpu":
                return self.target / 100 * task.vcpu / task.cpu_s
            case "requests":
                return self.target / 60
            case "saturation":
                return self.target / 100 * task.slots / task.request_s


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies of a service: what they track, the least and most tasks, and cooldowns in seconds."""

    min_tasks: int
    max_tasks: int
    tracked: tuple[TargetTracking, ...]
    out_cooldown_s: int
    in_cooldown_s: int

    def tightest(self, task: Task) -> TargetTracking:
        """Return the policy that adds tasks first as load grows."""
        return min(self.tracked, key=lambda policy: policy.kept_rps(task))
