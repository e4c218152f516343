"""Foretell what a load does to a local service, from what `make plan` knows of one request."""

import heapq
import itertools
import random
from collections.abc import Sequence
from typing import NamedTuple

from tools.rehearsal.task import Task

_REQUESTS = 20_000
_SEED = 1
# What tasks.queue_s says of itself (docs/parameters.md).
_STANDING = 0.25


class Forecast(NamedTuple):
    """Answers a second, busy threads in %, and the time that 95 % of answers do not exceed, ms."""

    answers: float
    saturation: float
    p95_ms: float


def forecast(
    task: Task, durations_ms: Sequence[float], rate: float, *, queue_s: float, way_ms: float = 0
) -> Forecast:
    """Return the forecast for a rate: the plan's busy threads, and a queue before the threads.

    `task` has the threads and the CPU of all tasks together; `durations_ms` are of requests that did not
    wait. Who would wait longer than a quarter of `queue_s` for a thread is refused, as such a wait does not
    stand for long (tasks.queue_s). `way_ms` is what lies between a client and the threads: proxy, load
    balancer, and the client itself.
    """
    share = rate * task.request_s / task.slots
    answers = min(rate, task.capacity_rps)
    waited = _durations_ms(task.slots, durations_ms, rate, queue_s * _STANDING)
    return Forecast(answers, min(100.0, 100 * share), percentile(waited, 95) + way_ms)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def error_percent(foretold: float, found: float) -> float:
    """Return how far a forecast was from what was found, % of what was found."""
    return 100 * (foretold - found) / found if found else 0.0


def _durations_ms(slots: int, durations_ms: Sequence[float], rate: float, queue_s: float) -> list[float]:
    """Play requests that come by chance (Poisson) to so many threads; return their times with the wait."""
    chance = random.Random(_SEED)  # noqa: S311 (no secret)
    free = [0.0] * slots
    now, found = 0.0, []
    for _ in itertools.repeat(None, _REQUESTS):
        now += chance.expovariate(rate)
        starts = max(now, free[0])
        if starts - now > queue_s:
            continue
        took_s = chance.choice(durations_ms) / 1000
        heapq.heapreplace(free, starts + took_s)
        found.append(1000 * (starts - now + took_s))
    return found
