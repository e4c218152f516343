"""Test in which order the worker's threads take requests, by a clock of the test's own."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Semaphore
from types import SimpleNamespace
from typing import cast

import pytest

from service.kit.slots import Slots
from service.server import threads
from service.server.connection import Connection
from service.server.threads import Threads
from tests.wait import wait_for


class Held:
    """One thread whose requests each wait until they are let go."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.served: SimpleQueue[str] = SimpleQueue()
        self._gate = Semaphore(0)
        self.threads = Threads(self._serve, freed=lambda: None, count=1, queue_s=2, most_streams=0)

    def _serve(self, conn: Connection) -> None:
        self.served.put(str(conn))
        self._gate.acquire()

    def add(self, name: str) -> None:
        self.threads.add(cast(Connection, name))

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


def test_what_is_set_aside_is_late_until_it_has_been_refused(held: Held) -> None:
    held.add("one")
    held.add("two")
    held.now += 2.1
    held.threads.look(held.now)
    assert held.served.get(timeout=10) == "one"
    assert (held.threads.waiting, held.threads.late(held.now)) == (0, 1)


def test_a_burst_may_wait_for_twice_as_long_as_a_queue_that_stands(held: Held) -> None:
    held.add("burst")
    held.now += 1.5
    held.threads.look(held.now)
    assert held.threads.waiting == 1
    held.add("flood")
    held.now += 1.1
    held.threads.look(held.now)
    assert held.threads.waiting == 0
    wait_for(lambda: held.let_go() == "flood", "the refusal of the second")
    assert held.threads.refused
