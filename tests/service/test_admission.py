"""Test what the workers tell the proxy that they have time for, by a clock of the test's own."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from service.server import admission
from service.server.admission import STEPS, Admission

ROOT = Path(__file__).parents[2]
LOOK_S = 0.05
Make = Callable[[int], Admission]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return what makes a worker of 16 threads that may let a burst wait for two seconds."""
    monkeypatch.setattr(admission, "_NUMBERS", memoryview(bytearray(1024)).cast("H"))

    def worker(number: int) -> Admission:
        return Admission(number, folder=tmp_path, queue_s=2)

    return worker


class Clock:
    """Let a worker look every LOOK_S while it ends `per_s` requests a second."""

    def __init__(self, worker: Admission) -> None:
        self.worker, self.now, self.ended = worker, 1000.0, 0.0

    def run(self, seconds: float, *, per_s: float, opened: int) -> None:
        for _ in range(round(seconds / LOOK_S)):
            self.now += LOOK_S
            self.ended += per_s * LOOK_S
            waiting = max(0, opened - 16)
            self.worker.look(self.now, threads=16, ended=int(self.ended), opened=opened, waiting=waiting)


def told(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_burst_is_let_in_whole(make: Make, tmp_path: Path) -> None:
    Clock(make(1)).run(0.15, per_s=300, opened=500)
    assert told(tmp_path) == []


def test_a_queue_that_stands_is_kept_to_what_ends_in_a_quarter_of_the_longest_wait(
    make: Make, tmp_path: Path
) -> None:
    Clock(make(1)).run(1, per_s=240, opened=110)  # 240 a second for half a second are 120
    assert told(tmp_path) == ["places-128"]


def test_nothing_is_let_in_while_there_is_more_than_there_is_time_for(make: Make, tmp_path: Path) -> None:
    clock = Clock(make(1))
    clock.run(1, per_s=240, opened=300)
    assert "full" in told(tmp_path)
    clock.run(0.5, per_s=240, opened=60)
    assert "full" not in told(tmp_path)


def test_fewer_are_let_in_after_a_flood_until_nobody_waits(make: Make, tmp_path: Path) -> None:
    clock = Clock(make(1))
    clock.run(1, per_s=240, opened=300)
    clock.run(4, per_s=240, opened=60)
    assert told(tmp_path) == ["places-64"]
    clock.run(0.5, per_s=0, opened=0)
    clock.run(4, per_s=240, opened=110)
    assert told(tmp_path) == ["places-128"]


def test_what_few_requests_end_is_not_taken_for_what_a_worker_can_do(make: Make, tmp_path: Path) -> None:
    clock = Clock(make(1))
    for _ in range(20):
        clock.run(LOOK_S, per_s=50, opened=17)
        clock.run(LOOK_S, per_s=50, opened=1)
    assert told(tmp_path) == []


def test_a_moment_without_waiting_does_not_let_more_in(make: Make, tmp_path: Path) -> None:
    clock = Clock(make(1))
    for _ in range(20):
        clock.run(0.35, per_s=240, opened=110)
        clock.run(LOOK_S, per_s=240, opened=1)
    assert told(tmp_path) == ["places-128"]


def test_slow_requests_leave_no_thread_without_one_more(make: Make, tmp_path: Path) -> None:
    Clock(make(1)).run(2, per_s=0, opened=32)
    assert told(tmp_path) == ["places-32"]


def test_every_request_is_let_in_again_some_seconds_after_the_crowd(make: Make, tmp_path: Path) -> None:
    clock = Clock(make(1))
    clock.run(1, per_s=240, opened=300)
    clock.run(10, per_s=0, opened=0)
    assert told(tmp_path) == []


def test_nobody_is_refused_while_another_worker_has_room(make: Make, tmp_path: Path) -> None:
    crowded, idle = Clock(make(1)), Clock(make(2))
    crowded.run(3, per_s=1, opened=100)
    idle.run(0.1, per_s=0, opened=0)
    assert told(tmp_path) == []


def test_a_worker_that_has_gone_has_no_room(make: Make, tmp_path: Path) -> None:
    crowded, gone = Clock(make(1)), Clock(make(2))
    gone.run(0.1, per_s=0, opened=0)
    admission.forget(2)
    crowded.run(3, per_s=1, opened=100)
    assert "full" in told(tmp_path)


def test_it_is_a_flood_while_the_proxy_refuses_and_as_long_again_as_a_request_may_wait(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "shed").write_text("1\n")
    worker = make(1)
    assert not worker.is_flood(1000.0)  # that was before this worker
    (tmp_path / "shed").write_text("1\n1\n")
    assert [worker.is_flood(now) for now in (1001.0, 1002.9, 1003.1)] == [True, True, False]


def test_nginx_has_an_upstream_of_each_size_that_the_workers_name() -> None:
    text = (ROOT / "infra" / "task" / "proxies" / "nginx" / "nginx.conf").read_text()
    upstreams = re.findall(r"upstream app-(\d+) \{.* max_conns=(\d+); \}", text)
    assert upstreams == [(str(step), str(step)) for step in STEPS]
    chosen = re.findall(r'/places-(\d+)"\) \{ set \$places app-(\d+); break; \}', text)
    assert chosen == upstreams
