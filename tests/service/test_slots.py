"""Test how busy a worker says that its threads are."""

from service.kit.slots import Slots

LONG_AGO = -1000.0  # on the clock of time.monotonic


def test_a_stream_counts_neither_as_a_busy_thread_nor_as_busy_time() -> None:
    slots = Slots(total=2)
    slot = slots.enter()
    slot.since, slot.busy_s, slot.stream = LONG_AGO, 3.0, True
    assert (slots.busy, slots.streams, slots.busy_s()) == (0, 1, 3.0)


def test_a_request_counts_as_both() -> None:
    slots = Slots(total=2)
    slots.enter().since = LONG_AGO
    assert (slots.busy, slots.streams) == (1, 0)
    assert slots.busy_s() >= -LONG_AGO
