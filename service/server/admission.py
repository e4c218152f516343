"""Tell the proxy how many requests the workers have time for at once, so that it refuses the others itself.

While all threads compute, Python would refuse late, and each refusal would take time from the requests that
are served. By Little's law there may be as many as the workers end in the time that one may take. The proxy
counts its connections, which is exact even in a flood; the workers only say up to which number it may go.
"""

from collections import deque
from math import inf
from mmap import mmap
from pathlib import Path

# The maxima among which the proxy can choose: nginx.conf has an upstream for each.
STEPS = (32, 64, 128, 256, 512, 1024)
# A queue that stands may take the first share of the longest wait, and in a flood the second: the proxy then
# refuses all but a few, who are served in time. A burst that has just come may take all of it.
STANDING, FLOOD = 0.25, 0.15
# A worker that had nobody waiting for so long can do more than it did: its number grows by so much, so often.
GROWTH, GROW_S = 1.25, 0.25
# The proxy counts anew for each step, so the step stays for so long.
STAYS_S = 2
# Rates follow from what has ended in so long at most, and at least.
PAST_S, LEAST_PAST_S = 1.0, 0.2
# While there are so many times the requests that there is time for, none is let in.
FULL_AT = 1.8
MOST = 2**16 - 1
# For each worker: how many requests it has time for (0 if it has gone), and how many it has. At the end the
# step that is chosen, and since which second. All workers share them, as Gunicorn's master makes them.
_NUMBERS = memoryview(mmap(-1, 1024)).cast("H")
_WORKERS = len(_NUMBERS) // 2 - 1
_STEP, _SINCE = len(_NUMBERS) - 2, len(_NUMBERS) - 1


class Admission:
    """Count what one worker has time for, and write the files that tell the proxy about all workers."""

    def __init__(self, worker: int, *, folder: Path | None, queue_s: float) -> None:
        """Let no queue stand for longer than a share of `queue_s`, the longest wait; `worker` is a number."""
        self._place = 2 * (worker % _WORKERS)
        self._folder, self._queue_s = folder, queue_s
        self._share = STANDING
        self._wanted = float(MOST)
        self._past: deque[tuple[float, int]] = deque()  # a time, and the requests that had ended
        self._grow_at = 0.0
        self._refused, self._refused_at = self._refusals(), -inf
        _NUMBERS[self._place] = MOST

    def look(self, now: float, *, threads: int, ended: int, opened: int, waiting: int) -> None:
        """Take note of how many requests have ended, are open, and wait for a thread; tell the proxy."""
        if waiting:
            self._grow_at = now + GROW_S
            self._past.append((now, ended))
            while now - self._past[0][0] > PAST_S:
                self._past.popleft()
            if self._folder and (self._folder / "full").exists():
                self._share = FLOOD
            since, before = self._past[0]
            if now - since >= LEAST_PAST_S:
                a_second = (ended - before) / (now - since)
                self._wanted = max(2.0 * threads, a_second * self._queue_s * self._share)
        else:
            self._past.clear()  # who has room ends as many as come, not as many as it could
            if now >= self._grow_at:
                self._grow_at = now + GROW_S
                self._share = STANDING
                self._wanted = min(MOST, self._wanted * GROWTH)
        _NUMBERS[self._place], _NUMBERS[self._place + 1] = int(self._wanted), min(opened, MOST)
        if self._folder:
            self._publish(self._folder, int(now) % MOST)

    def is_flood(self, now: float) -> bool:
        """Return whether the proxy has had to refuse requests in the time that a request may wait."""
        before, self._refused = self._refused, self._refusals()
        if self._refused != before:
            self._refused_at = now
        return now - self._refused_at < self._queue_s

    def _refusals(self) -> int:
        # The proxy writes a line for each of its own.
        try:
            return (self._folder / "shed").stat().st_size if self._folder else 0
        except OSError:
            return 0

    def _publish(self, folder: Path, now_s: int) -> None:
        # Every worker does all of it, so none leaves behind what another has made.
        numbers = _NUMBERS.tolist()[:_STEP]
        wanted = sum(numbers[::2])
        opened = sum(has for time_for, has in zip(numbers[::2], numbers[1::2], strict=True) if time_for)
        full = opened > wanted * FULL_AT
        # The nearest, as a proportion.
        step = next((step for step in STEPS if wanted < step * 2**0.5), 0)
        if step != _NUMBERS[_STEP] and abs(now_s - _NUMBERS[_SINCE]) > STAYS_S:
            _NUMBERS[_STEP], _NUMBERS[_SINCE] = step, now_s
        files = {"full": full} | {f"places-{each}": each == _NUMBERS[_STEP] for each in STEPS}
        for name, is_so in files.items():
            if is_so:
                (folder / name).touch()
            else:
                (folder / name).unlink(missing_ok=True)


def forget(worker: int) -> None:
    """Note that a worker has gone; for Gunicorn's master."""
    _NUMBERS[2 * (worker % _WORKERS)] = 0
