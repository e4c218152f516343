"""Make traffic from named shapes, or read it from a CSV file."""

import csv
import itertools
import math
from collections.abc import Callable, Sequence
from pathlib import Path

_MINUTE = 60
_HOUR = 3600
_LONGEST_S = 7 * 24 * _HOUR
_EXPECTED = "expected two numbers, seconds and requests per second, such as 60,12.5"

Points = list[tuple[float, float]]


class TrafficError(ValueError):
    """An error in traffic: the message says where, what was found and what is expected."""


def _daily_wave() -> Points:
    """Return a day from midnight, quiet at 04:00 and eight times that at 16:00."""
    times = range(0, 24 * _HOUR + 1, 10 * _MINUTE)
    return [(at, 4.5 - 3.5 * math.cos(2 * math.pi * (at - 4 * _HOUR) / (24 * _HOUR))) for at in times]


# Each shape as points of seconds and multiples of the quiet load. Changes come in the middle of a minute,
# neither the best nor the worst case for metrics that are minutes.
_CHANGE_S = 10 * _MINUTE + 30
SHAPES: dict[str, Callable[[], Points]] = {
    "steady": lambda: [(0, 1), (_HOUR, 1)],
    "double-in-a-minute": lambda: [(0, 1), (_CHANGE_S, 1), (_CHANGE_S + _MINUTE, 2), (_HOUR, 2)],
    "flash-crowd": lambda: [
        *[(0, 1), (_CHANGE_S, 1), (_CHANGE_S + 10, 10), (40 * _MINUTE, 10), (45 * _MINUTE, 1)],
        (90 * _MINUTE, 1),
    ],
    "daily-wave": _daily_wave,
}


def shape(name: str, *, quiet_rps: float) -> list[float]:
    """Return a rate for each second of a named shape."""
    return _per_second([(at, multiple * quiet_rps) for at, multiple in SHAPES[name]()])


def read_csv(path: Path) -> list[float]:
    """Read a CSV file of seconds and requests per second; return a rate for each second, interpolated.

    A first line that is not numbers is a heading. Raises TrafficError.
    """
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not a CSV file in UTF-8 ({error})"
        raise TrafficError(f"{path}: {reason}") from None
    points: Points = []
    for number, cells in enumerate(lines, start=1):
        if not cells or (number == 1 and not _is_number(cells[0])):
            continue
        points.append(_point(cells, where=f"{path}, line {number}", after=points))
    if len(points) < 2:
        count = "1 point is" if points else "0 points are"
        raise TrafficError(f"{path}: {count} no trace: {_EXPECTED}, on two lines or more")
    return _per_second([(at - points[0][0], rps) for at, rps in points])


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _point(cells: Sequence[str], *, where: str, after: Points) -> tuple[float, float]:
    if len(cells) != 2 or not all(map(_is_number, cells)):
        raise TrafficError(f"{where}: '{','.join(cells)}': {_EXPECTED}")
    at, rps = map(float, cells)
    if rps < 0:
        raise TrafficError(f"{where}: {rps:g} requests per second: expected 0 or more")
    if after and at <= after[-1][0]:
        raise TrafficError(f"{where}: second {at:g} after second {after[-1][0]:g}: expected a later one")
    if after and at - after[0][0] > _LONGEST_S:
        raise TrafficError(f"{where}: second {at:g}: expected at most 7 days, {_LONGEST_S} s, in all")
    return at, rps


def _per_second(points: Points) -> list[float]:
    rates: list[float] = []
    for (start, first), (end, last) in itertools.pairwise(points):
        slope = (last - first) / (end - start)
        rates.extend(first + slope * (second - start) for second in range(len(rates), math.ceil(end)))
    return rates
