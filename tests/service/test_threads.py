"""Test in which order the worker's threads take requests, by a clock of the test's own."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Semaphore, current_thread, main_thread
from types import SimpleNamespace
from typing import cast

import pytest

from service.kit.slots import Slots
from service.server import threads
from service.server.connection import Connection
from service.server.threads import Threads
from tests.wait import wait_for


class Request:
    """A connection whose request has come with its body, or not yet."""

    def __init__(self, name: str, *, whole: bool) -> None:
        self.name, self.whole = name, whole

    def hasten(self) -> bool:
        return self.whole

    def __str__(self) -> str:
        return self.name


class Held:
    """One thread whose requests each wait until they are let go."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.served: SimpleQueue[str] = SimpleQueue()
        self._gate = Semaphore(0)
        self.threads = Threads(self._serve, freed=lambda: None, count=1, queue_s=2, most_streams=0)

    def _serve(self, conn: Connection) -> None:
        self.served.put(str(conn))
        if current_thread() is not main_thread():
            self._gate.acquire()

    def add(self, name: str, *, whole: bool = True, waited_s: float = 0) -> None:
        self.threads.add(cast(Connection, Request(name, whole=whole)), waited_s=waited_s)

    def let_go(self) -> str:
        self._gate.release()
        return self.served.get(timeout=10)

    def end(self) -> None:
        for _ in range(10):
            self._gate.release()
        wait_for(lambda: self.threads.open == 0, "the end of all requests")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Start one thread that has a request."""
    monkeypatch.setattr(threads, "slots", Slots())
    clock: dict[str, Callable[[], float]] = {"monotonic": lambda: found.now if found else 1000.0}
    monkeypatch.setattr(threads, "time", SimpleNamespace(**clock))
    found: Held | None = None
    found = Held()
    found.add("first")
    assert found.served.get(timeout=10) == "first"
    yield found
    found.end()


def test_requests_are_served_in_their_turn(held: Held) -> None:
    held.add("second")
    held.now += 0.4
    held.add("third")
    assert [held.let_go(), held.let_go()] == ["second", "third"]


def test_the_newest_goes_first_once_the_oldest_is_late(held: Held) -> None:
    held.add("late")
    held.now += 0.8
    held.add("new")
    assert [held.let_go(), held.let_go()] == ["new", "late"]


def test_requests_that_are_late_are_told_apart(held: Held) -> None:
    held.add("late")
    held.now += 0.8
    held.add("new")
    assert (held.threads.waiting, held.threads.late(held.now)) == (2, 1)


def test_the_main_loop_itself_refuses_what_is_overdue(held: Held) -> None:
    held.add("one")
    held.add("two")
    held.now += 2.1
    held.threads.look(held.now)
    assert [held.served.get_nowait(), held.served.get_nowait()] == ["one", "two"]
    assert (held.threads.waiting, held.threads.refused) == (0, 2)


def test_what_has_not_come_as_a_whole_is_refused_in_a_thread_of_its_own(held: Held) -> None:
    held.add("one", whole=False)
    held.add("two", whole=False)
    held.now += 2.1
    held.threads.look(held.now)
    assert held.served.get(timeout=10) == "one"
    assert (held.threads.waiting, held.threads.late(held.now)) == (0, 1)


def test_the_time_before_it_was_accepted_counts(held: Held) -> None:
    held.add("early", waited_s=1.9)
    held.now += 0.2
    held.threads.look(held.now)
    assert held.served.get_nowait() == "early"
    assert held.threads.refused == 1


def test_a_burst_may_wait_for_twice_as_long_as_a_queue_that_stands(held: Held) -> None:
    held.add("burst")
    held.now += 1.5
    held.threads.look(held.now)
    assert held.threads.waiting == 1
    held.add("next")
    held.now += 1.1
    held.threads.look(held.now)
    assert (held.threads.waiting, held.threads.refused) == (0, 2)


def test_it_may_wait_for_half_as_long_while_the_proxy_refuses_others(held: Held) -> None:
    held.add("one of a flood")
    held.now += 0.9
    held.threads.look(held.now, flood=True)
    assert held.threads.waiting == 1
    held.now += 0.2
    held.threads.look(held.now, flood=True)
    assert (held.threads.waiting, held.threads.refused) == (0, 1)


def test_a_health_check_is_served_though_no_thread_is_free(held: Held) -> None:
    held.threads.serve(cast(Connection, Request("health", whole=True)))
    assert held.served.get_nowait() == "health"
    assert held.threads.refused == 0


def test_there_are_never_more_threads_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Slots()
    monkeypatch.setattr(threads, "slots", known)
    made: list[object] = []
    monkeypatch.setattr(Threads, "_start", staticmethod(made.append))
    grown = Threads(lambda _: None, freed=lambda: None, count=16, queue_s=2, most_streams=0)
    others = len(made) - known.total
    # Those that are to leave do so with the request that they end, and none ends here.
    for late_s in (0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0) * 3:
        for _ in range(4):
            grown.adapt(late_s=late_s)
    assert len(made) - others == known.total == 16
