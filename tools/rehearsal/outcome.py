"""Sum up a rehearsal in figures."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.rehearsal.autoscaler import whole
from tools.rehearsal.simulation import Moment, Service


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Figures of one rehearsal: requests, seconds and USD."""

    duration_s: int
    requests: float
    beyond: float
    peak_rps: float
    fewest: int
    most: int
    recovery_s: int
    recovered: bool
    enough_tasks: int
    usd: float
    usd_at_max: float
    usd_enough: float

    @property
    def beyond_percent(self) -> float:
        """Return the share of requests beyond capacity."""
        return 100 * self.beyond / self.requests if self.requests else 0.0


def outcome(service: Service, moments: Sequence[Moment]) -> Outcome:
    """Sum up a rehearsal; fixed counts are paid as the service's are, Spot included."""
    hours = len(moments) / 3600
    peak_rps = max(moment.rps for moment in moments)
    enough = max(1, whole(peak_rps / service.task.capacity_rps))
    usd_per_hour = service.price.usd_per_hour
    return Outcome(
        duration_s=len(moments),
        requests=math.fsum(moment.rps for moment in moments),
        beyond=math.fsum(moment.beyond_rps for moment in moments),
        peak_rps=peak_rps,
        fewest=min(moment.serving for moment in moments),
        most=max(moment.serving for moment in moments),
        recovery_s=_longest_overload_s(moments),
        recovered=not moments[-1].beyond_rps,
        enough_tasks=enough,
        usd=math.fsum(usd_per_hour(moment.billed) for moment in moments) / 3600,
        usd_at_max=usd_per_hour(service.policies.max_tasks) * hours,
        usd_enough=usd_per_hour(enough) * hours,
    )


def _longest_overload_s(moments: Sequence[Moment]) -> int:
    runs = itertools.groupby(moments, key=lambda moment: moment.beyond_rps > 0)
    return max((sum(1 for _ in run) for overloaded, run in runs if overloaded), default=0)
