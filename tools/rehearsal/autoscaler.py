"""Simulate Application Auto Scaling: alarms over metrics, and the count they ask for.

The rules, each with its source, are in tools/rehearsal/assumptions.py.
"""

import math
from collections import deque

from tools.rehearsal.policies import Policies, TargetTracking

HIGH_DATAPOINTS = 3
LOW_MINUTES = 15
LOW_PERCENT = 90
ACTION_EVERY_S = 60
# Ignore rounding errors: 55.00000000000001 % for 55 % is no reason for another task.
_ROUNDING = 1e-9


def whole(tasks: float) -> int:
    """Round up to whole tasks."""
    return math.ceil(tasks - _ROUNDING)


class Alarms:
    """The two alarms that target tracking makes for one policy."""

    def __init__(self, policy: TargetTracking) -> None:
        self.policy = policy
        self.high = False
        self.low = False
        self._values: list[float] = []
        self._underway: deque[tuple[int, float | None]] = deque()
        self._seen: deque[float] = deque(maxlen=LOW_MINUTES * 60 // policy.period_s)

    @property
    def latest(self) -> float | None:
        """Return the last datapoint that was seen, if there is one."""
        return self._seen[-1] if self._seen else None

    def observe(self, second: int, value: float | None) -> None:
        """Take the metric of this second; a datapoint is the mean of a period and is seen with a delay.

        None is a second without the metric, and a period of these is a missing datapoint.
        """
        if value is not None:
            self._values.append(value)
        end = second + 1
        if end % self.policy.period_s == 0:
            mean = sum(self._values) / len(self._values) if self._values else None
            self._underway.append((end + self.policy.delay_s, mean))
            self._values = []
        if self._underway and self._underway[0][0] <= end:
            self._see(self._underway.popleft()[1])

    def _see(self, datapoint: float | None) -> None:
        if datapoint is None:
            # The alarms are INSUFFICIENT_DATA, and do nothing until there are enough datapoints again.
            self._seen.clear()
            self.high = self.low = False
            return
        self._seen.append(datapoint)
        latest = list(self._seen)[-HIGH_DATAPOINTS:]
        self.high = len(latest) == HIGH_DATAPOINTS and min(latest) > self.policy.target
        # With fewer datapoints the alarm is INSUFFICIENT_DATA, which removes no task.
        complete = len(self._seen) == self._seen.maxlen
        self.low = complete and max(self._seen) < LOW_PERCENT / 100 * self.policy.target

    def wanted(self, tasks: int) -> int:
        """Return the count that brings the last datapoint to the target, rounded up."""
        return whole(tasks * self._seen[-1] / self.policy.target)


class Autoscaler:
    """An autoscaler that decides second by second how many tasks are desired."""

    def __init__(self, policies: Policies, *, desired: int) -> None:
        self.policies = policies
        self.desired = desired
        self.alarms = [Alarms(policy) for policy in policies.tracked]
        self._high_since: dict[int, int] = {}
        self._low_since: int | None = None
        self._out_at: int | None = None
        self._in_at: int | None = None
        self._before_out = desired

    def decide(self, second: int, *, may_remove: bool = True) -> int:
        """Return the desired count after the alarms of this second have acted.

        While a service is deployed it may not remove tasks, only add some:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-auto-scaling.html
        """
        out = [alarms for index, alarms in enumerate(self.alarms) if self._acts_high(index, second)]
        if out:
            self._scale_out(second, out)
        elif self._acts_low(second) and may_remove:
            self._scale_in(second)
        return self.desired

    def _acts_high(self, index: int, second: int) -> bool:
        if not self.alarms[index].high:
            self._high_since.pop(index, None)
            return False
        return (second - self._high_since.setdefault(index, second)) % ACTION_EVERY_S == 0

    def _acts_low(self, second: int) -> bool:
        if not all(alarms.low for alarms in self.alarms):
            self._low_since = None
            return False
        if self._low_since is None:
            self._low_since = second
        return (second - self._low_since) % ACTION_EVERY_S == 0

    def _scale_out(self, second: int, alarms: list[Alarms]) -> None:
        pausing = self._out_at is not None and second - self._out_at < self.policies.out_cooldown_s
        # Until the cooldown ends, what the last activity added counts towards what this one asks for.
        base = self._before_out if pausing else self.desired
        wanted = min(self.policies.max_tasks, max(each.wanted(base) for each in alarms))
        if wanted <= self.desired:
            return
        self._before_out, self._out_at, self._in_at = base, second, None
        self.desired = wanted

    def _scale_in(self, second: int) -> None:
        if self._in_at is not None and second - self._in_at < self.policies.in_cooldown_s:
            return
        wanted = max(self.policies.min_tasks, *(each.wanted(self.desired) for each in self.alarms))
        if wanted >= self.desired:
            return
        # After removing tasks, the count before the last addition no longer matters.
        self._in_at, self._out_at = second, None
        self.desired = wanted
