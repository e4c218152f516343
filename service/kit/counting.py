"""Count the requests of one worker process between two lines of metrics."""

import math
import time
from collections import Counter, defaultdict, deque

from service.kit.exchange import Exchange
from service.kit.slots import slots

MAX_ROUTES = 50  # keeps the line below the 16 KiB at which container runtimes cut lines
# Requests that end within a second; a bound for servers under which no thread counts them.
MAX_WAITING = 100_000
# Latencies are kept in buckets that are 10 % wide, so that a busy worker keeps no more than an idle one.
WIDTH = math.log(1.1)
FLOOR_MS = 0.1


class Interval:
    """The counts since the last line."""

    def __init__(self) -> None:
        self.saturation: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.latencies: Counter[int] = Counter()
        self.shed = self.broken = self.streams = 0
        self.routes: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def latencies_ms(self, most: int) -> list[float]:
        """Return at most `most` latencies that stand for all: evenly spaced in their order, with the last."""
        ordered = [bucket for bucket in sorted(self.latencies) for _ in range(self.latencies[bucket])]
        step = max(1.0, (len(ordered) - 1) / (most - 1))
        chosen = [ordered[round(number * step)] for number in range(min(len(ordered), most))]
        return [float(f"{FLOOR_MS * math.exp(bucket * WIDTH):.3g}") for bucket in chosen]


class Recorder:
    """Counts the exchanges of one worker process."""

    def __init__(self) -> None:
        self._ended: deque[tuple[int, str | None, float, bool, bool]] = deque(maxlen=MAX_WAITING)
        self._interval = Interval()
        self._busy_s, self._sampled_at = 0.0, time.monotonic()

    def record(self, exchange: Exchange) -> None:
        """Note an exchange; the request waits for no more than this, and `sample` counts it later."""
        # Not the exchange itself, which would keep the request and all that belongs to it.
        self._ended.append(
            (exchange.status // 100, exchange.route, exchange.duration_s, exchange.shed, exchange.broken)
        )

    def sample(self) -> None:
        """Count the exchanges that have ended, and note how busy the worker was since the last call."""
        self._count()
        now, busy_s = time.monotonic(), slots.busy_s()
        could_s = slots.total * (now - self._sampled_at)
        share = (busy_s - self._busy_s) / could_s if could_s else 0.0
        self._busy_s, self._sampled_at = busy_s, now
        self._interval.streams = max(self._interval.streams, slots.streams)
        self._interval.saturation.append(round(100 * max(0.0, min(1.0, share)), 1))

    def take(self) -> Interval:
        """Return the interval so far, and begin the next one."""
        self._count()
        taken, self._interval = self._interval, Interval()
        return taken

    def _count(self) -> None:
        interval = self._interval
        for _ in range(len(self._ended)):
            hundreds, route, seconds, shed, broken = self._ended.popleft()
            interval.shed += shed
            interval.broken += broken
            interval.statuses[hundreds] += 1
            interval.latencies[_bucket(seconds * 1000)] += 1
            route = route or "no route"
            if route in interval.routes or len(interval.routes) < MAX_ROUTES:
                interval.routes[route][hundreds] += 1


def _bucket(milliseconds: float) -> int:
    return max(0, round(math.log(max(milliseconds, FLOOR_MS) / FLOOR_MS) / WIDTH))
