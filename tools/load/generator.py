"""Start visits by the clock, whatever the answers take; run by Locust's own interpreter.

Locust's users wait for their answers, so that a slow service gets less load (a closed loop). Here each visit
is one task of a user of the scenario file, started when it is due; Locust brings the scenario's language, the
HTTP client and its events. Prints a line of JSON each second, and one at the end.
"""

import argparse
import importlib.util
import json
import math
import random
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

import gevent
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment

MOST_AT_ONCE = 5000
_GIVE_UP_S = 10


class Step:
    """One rate for some seconds: what was sent, and what came of it."""

    def __init__(self, rate: float, seconds: float) -> None:
        self.rate, self.seconds = rate, seconds
        self.sent = self.left_out = self.in_flight = 0
        self.in_time = 0
        self.ends_at = math.inf
        self.durations_ms: list[float] = []
        self.errors: Counter[str] = Counter()
        self.latest_ms = 0.0

    def answered(
        self, response_time: float = 0, response: Any = None, exception: Any = None, **_: Any
    ) -> None:
        """Take an answer, or the error that came instead; Locust calls it."""
        status = getattr(response, "status_code", 0)
        if exception is not None or not status:
            self.errors[f"{status}" if status else type(exception).__name__] += 1
        else:
            self.durations_ms.append(round(response_time, 1))
            self.in_time += time.monotonic() <= self.ends_at

    def said(self, **more: Any) -> None:
        """Print the figures so far."""
        ordered = sorted(self.durations_ms)
        figures = {
            **{f"p{each}": ordered[len(ordered) * each // 100] for each in (50, 95, 99) if ordered},
            "rate": self.rate,
            "sent": self.sent,
            "left_out": self.left_out,
            "in_flight": self.in_flight,
            "answers": len(self.durations_ms),
            "in_time": self.in_time,
            "errors": dict(self.errors),
            "late_ms": round(self.latest_ms, 1),
        }
        print(json.dumps(figures | more), flush=True)


class Visitors:
    """The users of a scenario file; one that has made its visit makes a later one, too."""

    def __init__(self, scenario: Path, url: str, seed: int) -> None:
        self._classes = _users(scenario)
        for each in self._classes:
            each.host = url
        self._environment = Environment(user_classes=self._classes, host=url)
        self._idle: dict[Any, deque[Any]] = {each: deque() for each in self._classes}
        self._chance = random.Random(seed)  # noqa: S311 (no secret)
        self.events = self._environment.events

    def visit(self, step: Step) -> None:
        """Make one visit: a task of a user, each chosen by its weight."""
        kind = self._chance.choices(self._classes, [each.weight for each in self._classes])[0]
        step.in_flight += 1
        try:
            user = self._idle[kind].pop() if self._idle[kind] else self._new(kind)
        except Exception as error:  # noqa: BLE001 (so is one of on_start)
            step.in_flight -= 1
            step.errors[type(error).__name__] += 1
            return
        try:
            self._chance.choice(user.tasks)(user)
        except Exception as error:  # noqa: BLE001 (a mistake of the scenario is one of the errors)
            step.errors[type(error).__name__] += 1
        finally:
            step.in_flight -= 1
            self._idle[kind].append(user)

    def next_gap_s(self, rate: float) -> float:
        """Return the seconds until the next visit: visitors do not know of each other (Poisson)."""
        return self._chance.expovariate(rate)

    def _new(self, kind: Any) -> Any:
        user = kind(self._environment)
        user.on_start()
        return user


def _users(scenario: Path) -> list[Any]:
    spec = importlib.util.spec_from_file_location("scenario", scenario)
    if not spec or not spec.loader:
        sys.exit(f"{scenario} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[Any] = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, FastHttpUser) and each is not FastHttpUser
    ]
    for each in found:
        each.network_timeout = each.connection_timeout = _GIVE_UP_S
    if not any(each.tasks for each in found):
        sys.exit(f"{scenario} has no class of locust.FastHttpUser with a @task")
    return [each for each in found if each.tasks]


def _run(step: Step, visitors: Visitors) -> None:
    visitors.events.request.add_listener(step.answered)
    began = due = time.monotonic()
    said, running = began, []
    step.ends_at = began + step.seconds
    while due < step.ends_at:
        gevent.sleep(max(0.0, due - time.monotonic()))
        step.latest_ms = max(step.latest_ms, 1000 * (time.monotonic() - due))
        if step.in_flight < MOST_AT_ONCE:
            step.sent += 1
            running.append(gevent.spawn(visitors.visit, step))
        else:
            step.left_out += 1
        if time.monotonic() - said >= 1:
            said = time.monotonic()
            step.said()
        due += visitors.next_gap_s(step.rate)
    gevent.joinall(running, timeout=_GIVE_UP_S)
    visitors.events.request.remove_listener(step.answered)
    step.said(durations_ms=step.durations_ms, seconds=step.seconds, done=True)


def main() -> None:
    """Run one rate for some seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("scenario", type=Path)
    parser.add_argument("rate", type=float, help="visits a second")
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    _run(Step(given.rate, given.seconds), Visitors(given.scenario, given.url, given.seed))


if __name__ == "__main__":
    main()
