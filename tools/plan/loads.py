"""Read the loads that a plan is for: a rate, a multiple of today's, users, or a file."""

import re
from pathlib import Path
from typing import NamedTuple

from tools.plan.app import App
from tools.plan.place import Place
from tools.rehearsal.traffic import TrafficError, read_csv

DEFAULT = "1000x"
_EXPECTED = "expected a rate such as 5000/s, a multiple such as 100x, or a CSV file of seconds and requests/s"
_MOST_RPS = 1e7


class Load(NamedTuple):
    """A load: its name, its peak, and the rates of each second where there is a trace."""

    name: str
    rps: float
    trace: tuple[float, ...] = ()


def one_times(place: Place) -> float:
    """Return what is called 1x: the load that the fewest tasks carry at their targets."""
    policies, task = place.service.policies, place.service.task
    return policies.min_tasks * policies.tightest(task).kept_rps(task)


def loads(place: Place, app: App, *, traffic: str | None, users: float | None) -> list[Load]:
    """Return the loads, the smallest first. Raises TrafficError."""
    if users is not None:
        return [Load(f"{users:,.0f} users", _bounded(users * app.user_rps, f"{users:g} users"))]
    given = traffic or DEFAULT
    if multiple := re.fullmatch(r"(\d+(?:\.\d+)?)x", given):
        most = float(multiple[1])
        steps = [*(each for each in (1, 10, 100) if each < most), most]
        return [Load(f"{each:,g}x", _bounded(each * one_times(place), given)) for each in steps]
    if rate := re.fullmatch(r"(\d+(?:\.\d+)?)(/s)?", given):
        return [Load(f"{float(rate[1]):,g}/s", _bounded(float(rate[1]), given))]
    path = Path(given)
    if path.suffix != ".csv":
        raise TrafficError(f"'{given}': {_EXPECTED}")
    trace = read_csv(path)
    return [Load(path.name, _bounded(max(trace), given), tuple(trace))]


def _bounded(rps: float, given: str) -> float:
    if not 0 < rps <= _MOST_RPS:
        raise TrafficError(
            f"'{given}' is {rps:,g} requests/s: expected more than 0, at most {_MOST_RPS:,.0f}"
        )
    return rps
