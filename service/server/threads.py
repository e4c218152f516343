"""Serve connections in threads: the longest waiting first, and in time or not at all."""

import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from queue import SimpleQueue
from threading import Lock, Thread

from service.kit import slots
from service.kit.slots import OVERDUE, Slot
from service.server.connection import Connection

# An answer that has no declared length and takes longer is a stream, which gets a thread of its own.
STREAM_S = 1.0
# The waiting time follows from answers that are at most so old, and from those of so long at least: the first
# moments of a burst, in which threads are few and caches cold, say little.
PAST_S = 1.0
LEAST_PAST_S = 0.2
LEAST = 4
GROWTH = 4
COMPUTING_S = 0.0015

Waiting = tuple[float, Connection]


class Threads:
    """Threads for requests, one more for each stream, and one for refusals.

    There are many while requests wait for backends, and few while they compute: only one can compute at a
    time, and each more makes all others wait for Python's lock.
    """

    def __init__(
        self,
        serve: Callable[[Connection], None],
        *,
        freed: Callable[[], object],
        count: int,
        queue_s: float,
        most_streams: int,
    ) -> None:
        """Call `serve` with each connection, then `freed`, in a thread; refuse what waits for `queue_s`."""
        self._serve, self._freed = serve, freed
        self._waiting: deque[Waiting] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()  # one item for each that was added
        self._aside: SimpleQueue[Waiting] = SimpleQueue()
        self._lock = Lock()
        self._past: deque[tuple[float, int]] = deque()  # a time, and the requests that had ended
        self.expected_s = 0.0  # how long a request that comes now will wait
        self._added = self._ended = self._streams = self._progress = 0
        self._least, self._most = min(LEAST, count), count
        slots.queue_s, slots.most_streams = queue_s, most_streams
        slots.total = self._threads = self._least
        for _ in range(self._least):
            self._start(self._work)
        self._start(self._refuse)

    @property
    def open(self) -> int:
        """Return the connections that are waiting or being served."""
        return self._added - self._ended

    @property
    def waiting(self) -> int:
        """Return the requests for which there is no thread yet."""
        return len(self._waiting)

    @property
    def free(self) -> int:
        """Return the threads that have nothing to do."""
        return slots.total + self._streams - self.open

    def add(self, conn: Connection) -> None:
        """Let a thread serve the connection soon."""
        self._added += 1
        self._waiting.append((time.monotonic(), conn))
        self._wake.put(None)

    def add_aside(self, conn: Connection) -> None:
        """Let the thread for refusals serve the connection: a health check must not wait for the others."""
        self._added += 1
        self._aside.put((time.monotonic(), conn))

    def look(self, now: float) -> None:
        """Set overdue requests aside, and give long streams a thread of their own; for the main loop."""
        slots.waiting = len(self._waiting)
        self._expect(now)
        while self._waiting and now - self._waiting[0][0] > slots.queue_s:
            try:
                self._aside.put(self._waiting.popleft())
            except IndexError:  # a thread was faster
                break
        for slot in slots.all[:]:
            since = slot.since
            if since is None or slot.stream:
                continue
            endless = slot.exchange and slot.exchange.endless and now - since > STREAM_S
            if slot.websocket or (endless and slots.streams < slots.most_streams):
                self._lend(slot, since)

    def _expect(self, now: float) -> None:
        if not self._waiting:
            self._past.clear()
        self._past.append((now, self._ended))
        while now - self._past[0][0] > PAST_S:
            self._past.popleft()
        since, ended = self._past[0]
        done = self._ended - ended + slots.total / 2  # what is being served is half done
        self.expected_s = slots.waiting * (now - since) / done if now - since > LEAST_PAST_S else 0.0

    def adapt(self, *, late_s: float) -> None:
        """Take a thread more or less; `late_s` is how late the main loop got Python's lock after a sleep."""
        if late_s < COMPUTING_S / 2:
            for _ in range(min(self._most - slots.total, GROWTH, self.waiting + 1)):
                slots.total += 1
                with self._lock:
                    self._threads += 1
                self._start(self._work)
        elif late_s > COMPUTING_S and slots.total > self._least:
            slots.total -= 1  # the next thread that ends a request leaves

    def moves(self) -> bool:
        """Return whether a thread is free, or any request has moved on since the last call."""
        before, self._progress = self._progress, self._ended + sum(_sent(slot) for slot in slots.all)
        return self._progress != before or self.free > 0

    def shutdown(self, *, wait: bool) -> None:
        """Do nothing, for Gunicorn: the threads end with the process."""

    def _lend(self, slot: Slot, since: float) -> None:
        with self._lock:
            if slot.since != since:
                return
            slot.busy_s += time.monotonic() - since
            slot.stream = True
            self._streams += 1
        self._start(self._work)

    @staticmethod
    def _start(work: Callable[[], None]) -> None:
        # A daemon, so that a request that hangs does not keep the worker from ending.
        Thread(target=work, name="requests", daemon=True).start()

    def _work(self) -> None:
        slot = slots.enter()
        while not slot.stream:
            self._wake.get()
            try:
                waiting = self._waiting.popleft()
            except IndexError:  # it was set aside
                continue
            self._take(slot, *waiting)
            with self._lock:
                if self._threads > slots.total and not slot.stream:
                    self._threads -= 1
                    break
        slots.leave(slot)

    def _refuse(self) -> None:
        slot = slots.enter()
        slots.all.remove(slot)  # it is no place for requests
        while True:
            self._take(slot, *self._aside.get())

    def _take(self, slot: Slot, added: float, conn: Connection) -> None:
        slot.since = now = time.monotonic()
        slot.refusal = OVERDUE if now - added > slots.queue_s else None
        try:
            Context().run(self._serve, conn)  # no context variable of a request is left for the next one
        finally:
            with self._lock:
                if slot.stream:
                    self._streams -= 1
                else:
                    slot.busy_s += time.monotonic() - now
                slot.since = slot.exchange = slot.websocket = None
                self._ended += 1
            self._freed()


def _sent(slot: Slot) -> int:
    return slot.exchange.response_bytes if slot.exchange else 0
