"""Translate a schedule of AWS into the five fields of cron that other clouds read.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html and
https://docs.cloud.google.com/scheduler/docs/configuring/cron-job-schedules
"""

import itertools
import re
from collections.abc import Callable

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Lowest and highest number of minute, hour, day, month and weekday, as AWS counts.
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7))
_NAMES: tuple[tuple[str, ...], ...] = ((), (), (), _MONTHS, _DAYS)
_WEEKDAY = 4
# How many of a unit the next larger one has: cron counts anew with each of those.
_WHOLES = {"minute": 60, "hour": 24, "day": 1}


class ScheduleError(ValueError):
    """A schedule that five fields cannot say; the text tells why, and what could be said."""


def five_fields(expression: str) -> str:
    """Return `cron(...)` or `rate(...)` of AWS as minute, hour, day, month and weekday.

    Raises ScheduleError where no five fields mean the same.
    """
    kind, _, inside = expression.removesuffix(")").partition("(")
    return _rate(inside) if kind == "rate" else _cron(inside)


def _rate(words: str) -> str:
    number, unit = int(words.split(maxsplit=1)[0]), words.split()[1].removesuffix("s")
    whole = _WHOLES[unit]
    if whole % number:
        allowed = ", ".join(str(each) for each in range(1, whole + 1) if whole % each == 0)
        raise ScheduleError(f"cron has every {unit} by these numbers alone: {allowed}; choose one of them")
    every = "*" if number == 1 else f"*/{number}"
    if number == whole:  # every 60 minutes is every hour, and every 24 hours is every day
        unit, every = ("hour", "*") if unit == "minute" else ("day", "*")
    return {"minute": f"{every} * * * *", "hour": f"0 {every} * * *", "day": "0 0 * * *"}[unit]


def _cron(words: str) -> str:
    *fields, year = words.split()
    if year != "*":
        raise ScheduleError(f"cron has no year, here '{year}': write '*' for it")
    sets = [_numbers(field, position) for position, field in enumerate(fields)]
    shown = [_shown(each, position) for position, each in enumerate(sets)]
    if shown[2] != "*" and shown[_WEEKDAY] != "*":
        # There a job runs when either fits: https://man7.org/linux/man-pages/man5/crontab.5.html
        raise ScheduleError("a day and a weekday together mean either in cron: write '?' for one of them")
    return " ".join(shown)


def _numbers(field: str, position: int) -> set[int]:
    low, high = _BOUNDS[position]
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if step and not re.fullmatch(r"[1-9]\d*", step):
            raise _unknown(part)
        if span in ("*", "?"):
            first, last = low, high
        else:
            begin, dash, end = span.partition("-")
            first = _number(begin, position)
            # Of AWS, 5/10 means from 5 on, each tenth.
            last = _number(end, position) if dash else high if step else first
        if not low <= first <= last <= high:
            raise _unknown(part)
        found |= set(range(first, last + 1, int(step or 1)))
    return found


def _number(word: str, position: int) -> int:
    names = _NAMES[position]
    if word.upper() in names:
        return names.index(word.upper()) + 1
    if not word.isdecimal():
        raise _unknown(word)
    return int(word)


def _unknown(part: str) -> ScheduleError:
    return ScheduleError(f"cron does not know '{part}': use numbers, names, lists, ranges and steps alone")


def _shown(numbers: set[int], position: int) -> str:
    low, high = _BOUNDS[position]
    if len(numbers) == high - low + 1:
        return "*"
    shift: Callable[[int], int] = (lambda each: each - 1) if position == _WEEKDAY else (lambda each: each)
    ordered = sorted(map(shift, numbers))
    steps = {later - earlier for earlier, later in itertools.pairwise(ordered)}
    if len(ordered) > 2 and len(steps) == 1:
        (step,) = steps
        return f"{ordered[0]}-{ordered[-1]}" + (f"/{step}" if step > 1 else "")
    return ",".join(map(str, ordered))
