"""Serve connections in threads: the longest waiting first, and in time or not at all."""

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from contextvars import Context
from operator import itemgetter
from queue import SimpleQueue
from threading import Lock, Thread

from service.kit import slots, stdout
from service.kit.slots import OVERDUE, Slot
from service.server.connection import Connection

# An answer that has no declared length and takes longer is a stream, which gets a thread of its own.
STREAM_S = 1.0
LEAST = 4
GROWTH = 4
COMPUTING_S = 0.0015
# Once the oldest has waited for this share of the longest wait, more has come than can be answered in time.
# In their turn, all that come now would be late, too: the newest goes first, the oldest when there is time.
LATE_AT = 0.25
# The main loop refuses so many in a turn, then looks who has come: a health check does not wait for them all.
REFUSED_AT_ONCE = 32
# A queue that was not empty for the longest wait is no burst but a flood: each may wait for this share of it,
# so that no time goes to answers that come too late (CoDel's idea; "Fail at Scale", ACM Queue 13/8, 2015).
STANDING = 0.5

Waiting = tuple[float, Connection]


class Threads:
    """Threads for requests, one more for each stream, and one to refuse those whose body is still to come.

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
        """Call `serve` with each connection, then `freed`, in a thread; refuse what waits for `queue_s`.

        The main loop makes it, and may serve some itself.
        """
        self._serve, self._freed = serve, freed
        self._waiting: deque[Waiting] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()  # one item for each that was added
        self._aside: SimpleQueue[Waiting] = SimpleQueue()
        self._lock, self._turn = Lock(), Lock()
        self.ended = self.refused = 0
        self._added = self._streams = self._progress = 0
        self._least, self._most = min(LEAST, count), count
        slots.queue_s, slots.most_streams = queue_s, most_streams
        self._longest_s, self._empty_at = queue_s, 0.0
        slots.total = self._threads = self._least
        for _ in range(self._least):
            self._start(self._work)
        self._main = _enter_aside()
        self._start(self._take_aside)

    @property
    def open(self) -> int:
        """Return the connections that are waiting or being served."""
        return self._added - self.ended

    @property
    def waiting(self) -> int:
        """Return the requests for which there is no thread yet."""
        return len(self._waiting)

    def late(self, now: float) -> int:
        """Return the requests that are refused or served last, because they are late already."""
        since = now - slots.queue_s * LATE_AT
        return bisect_left(self._waiting.copy(), since, key=itemgetter(0)) + self._aside.qsize()

    @property
    def free(self) -> int:
        """Return the threads that have nothing to do."""
        return slots.total + self._streams - self.open

    def add(self, conn: Connection, *, waited_s: float = 0) -> None:
        """Let a thread serve the connection soon; it has waited for so long already."""
        self._added += 1
        now = time.monotonic()
        if not self._waiting:
            self._empty_at = now
        self._waiting.append((now - waited_s, conn))
        self._wake.put(None)

    def serve(self, conn: Connection) -> None:
        """Serve the connection at once in the main loop: a health check must not wait for others."""
        if conn.hasten():
            self._added += 1
            self._take(self._main, time.monotonic(), conn)
        else:
            self.add(conn)

    def look(self, now: float, *, unaccepted: int = 0, flood: bool = False) -> None:
        """Refuse overdue requests, and give long streams a thread of their own; for the main loop.

        Connections that are not accepted yet wait, too. In a flood the proxy has refused others lately.
        """
        slots.waiting = len(self._waiting) + unaccepted
        stands = flood or now - self._empty_at >= slots.queue_s
        self._longest_s = slots.queue_s * (STANDING if stands else 1)
        if self._waiting and now - self._waiting[0][0] > self._longest_s:
            # Meanwhile no thread takes another request: with each of them the main loop shares Python's lock.
            with self._turn, stdout.held():
                self._refuse(now)
        for slot in slots.all[:]:
            since = slot.since
            if since is None or slot.stream:
                continue
            endless = slot.exchange and slot.exchange.endless and now - since > STREAM_S
            if slot.websocket or (endless and slots.streams < slots.most_streams):
                self._lend(slot, since)

    def _refuse(self, now: float) -> None:
        for _ in range(REFUSED_AT_ONCE):
            if not self._waiting or now - self._waiting[0][0] <= self._longest_s:
                break
            added, conn = self._waiting.popleft()
            if conn.hasten():
                self._take(self._main, added, conn)
            else:
                self._aside.put((added, conn))

    def adapt(self, *, late_s: float) -> None:
        """Take a thread more or less; `late_s` is how late the main loop got Python's lock after a sleep."""
        if late_s < COMPUTING_S / 2:
            for _ in range(min(self._most - slots.total, GROWTH, self.waiting + 1)):
                slots.total += 1
                with self._lock:
                    if self._threads >= slots.total:
                        continue  # one that was to leave has not left yet, and stays
                    self._threads += 1
                self._start(self._work)
        elif late_s > COMPUTING_S and slots.total > self._least:
            slots.total -= 1  # the next thread that ends a request leaves

    def moves(self) -> bool:
        """Return whether a thread is free, or any request has moved on since the last call."""
        before, self._progress = self._progress, self.ended + sum(_sent(slot) for slot in slots.all)
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
                with self._turn:
                    late = time.monotonic() - self._waiting[0][0] > slots.queue_s * LATE_AT
                    waiting = self._waiting.pop() if late else self._waiting.popleft()
            except IndexError:  # it has been refused
                continue
            self._take(slot, *waiting)
            with self._lock:
                if self._threads > slots.total and not slot.stream:
                    self._threads -= 1
                    break
        slots.leave(slot)

    def _take_aside(self) -> None:
        slot = _enter_aside()
        while True:
            self._take(slot, *self._aside.get())

    def _take(self, slot: Slot, added: float, conn: Connection) -> None:
        slot.since = now = time.monotonic()
        slot.refusal = OVERDUE if now - added > self._longest_s else None
        try:
            Context().run(self._serve, conn)  # no context variable of a request is left for the next one
        finally:
            with self._lock:
                if slot.stream:
                    self._streams -= 1
                else:
                    slot.busy_s += time.monotonic() - now
                slot.since = slot.exchange = slot.websocket = None
                self.ended += 1
                self.refused += slot.refusal is OVERDUE
            self._freed()


def _enter_aside() -> Slot:
    slot = slots.enter()
    slots.all.remove(slot)  # it is no place for requests
    return slot


def _sent(slot: Slot) -> int:
    return slot.exchange.response_bytes if slot.exchange else 0
