"""Calculate what step scaling does: alarms on a metric, and steps by how far it is beyond their threshold.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

Adjustment = Literal["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]


class Step(NamedTuple):
    """What is done where the metric is so far from the threshold; None is without an end."""

    lower: float | None
    upper: float | None
    adjustment: int


@dataclass(frozen=True, kw_only=True)
class StepPolicy:
    """A policy and the alarm that sets it off, `above` its threshold or below it."""

    name: str
    kind: Adjustment
    steps: tuple[Step, ...]
    threshold: float
    above: bool
    inclusive: bool = True
    periods: int = 1
    period_s: int = 60
    least: int = 1
    cooldown_s: int = 300

    def breached(self, value: float) -> bool:
        """Return whether a datapoint is beyond the threshold."""
        if self.inclusive and value == self.threshold:
            return True
        return value > self.threshold if self.above else value < self.threshold

    def adjusted(self, tasks: int, value: float) -> int:
        """Return the count that the step for this value asks for; without a step, what there is."""
        for step in self.steps:
            if self._holds(step, value - self.threshold):
                return max(0, self._apply(step.adjustment, tasks))
        return tasks

    def _holds(self, step: Step, beyond: float) -> bool:
        # The bound nearer to the threshold belongs to the step, the other one to its neighbour.
        lower = -math.inf if step.lower is None else step.lower
        upper = math.inf if step.upper is None else step.upper
        return lower <= beyond < upper if self.above else lower < beyond <= upper

    def _apply(self, adjustment: int, tasks: int) -> int:
        match self.kind:
            case "ExactCapacity":
                return adjustment
            case "ChangeInCapacity":
                return tasks + adjustment
            case "PercentChangeInCapacity":
                return tasks + self._whole(tasks * adjustment / 100)

    def _whole(self, change: float) -> int:
        """Round towards nothing, but to `least` tasks and to one at least."""
        if not change:
            return 0
        return int(math.copysign(max(self.least, 1, math.floor(abs(change))), change))


class Stepping:
    """The step policies of a service and their pauses, second by second."""

    def __init__(self, policies: tuple[StepPolicy, ...], *, min_tasks: int, max_tasks: int) -> None:
        self.policies = policies
        self.latest: dict[str, float] = {}
        self._bounds = min_tasks, max_tasks
        self._breaches = dict.fromkeys((each.name for each in policies), 0)
        self._out_at: int | None = None
        self._in_at: int | None = None
        self._before_out = 0

    def alarmed(self, policy: StepPolicy) -> bool:
        """Return whether a policy's alarm is on."""
        return self._breaches[policy.name] >= policy.periods

    def decide(
        self, second: int, values: dict[str, float | None], *, desired: int, may_remove: bool = True
    ) -> int:
        """Return the desired count after a second, from the metric of each policy where its period ends.

        An alarm acts when it changes and at each datapoint while it lasts; the larger count wins.
        """
        wanted = desired
        for policy in self.policies:
            value = values.get(policy.name)
            if (second + 1) % policy.period_s or value is None:
                continue
            self.latest[policy.name] = value
            self._breaches[policy.name] = self._breaches[policy.name] + 1 if policy.breached(value) else 0
            if self.alarmed(policy):
                wanted = self._acted(policy, second, value, desired, wanted, may_remove=may_remove)
        return wanted

    def _acted(
        self, policy: StepPolicy, second: int, value: float, desired: int, wanted: int, *, may_remove: bool
    ) -> int:
        least, most = self._bounds
        pausing = self._out_at is not None and second - self._out_at < policy.cooldown_s
        # In the pause after adding tasks those count towards what a larger step asks for.
        base = self._before_out if pausing else desired
        asked = min(most, max(least, policy.adjusted(base, value)))
        if asked > desired:
            if asked > wanted:
                self._before_out, self._out_at, self._in_at = base, second, None
            return max(wanted, asked)
        asked = min(most, max(least, policy.adjusted(desired, value)))
        resting = self._in_at is not None and second - self._in_at < policy.cooldown_s
        if asked < desired and wanted <= desired and may_remove and not resting:
            self._in_at, self._out_at = second, None
            return asked
        return wanted
