"""Test the parts of `make load` and `make measure` that need no server."""

import json
import random
import time
from pathlib import Path

import pytest

from tools.load.forecast import error_percent, forecast, percentile
from tools.load.steps import LoadError, check_permission, rates, seconds
from tools.load.watch import NothingMeasuredError, Watched, Window
from tools.rehearsal.task import Task

# 10 threads x 0.2 s: 50 requests/s.
TASK = Task(slots=10, vcpu=2, request_s=0.2, cpu_s=0.001)


def test_a_rate_or_five_from_one_to_another() -> None:
    assert rates("50") == rates("50/s") == [50]
    assert rates("10..50") == [10, 20, 30, 40, 50]
    assert (seconds("30s"), seconds("2m"), seconds("5")) == (30, 120, 5)


@pytest.mark.parametrize("text", ["", "fast", "0", "2001", "50..10", "-5"])
def test_a_rate_that_nobody_meant_is_refused(text: str) -> None:
    with pytest.raises(LoadError, match="RATE is"):
        rates(text)


@pytest.mark.parametrize("text", ["0s", "2h", "1801s", ""])
def test_a_time_that_nobody_meant_is_refused(text: str) -> None:
    with pytest.raises(LoadError, match="FOR is"):
        seconds(text)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "https://[::1]:8443/"])
def test_this_machine_needs_no_permission(url: str) -> None:
    assert check_permission(url, permitted=None) in url


@pytest.mark.parametrize("url", ["http://www.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"])
def test_another_machine_needs_one_for_its_host(url: str) -> None:
    with pytest.raises(LoadError, match=r"is not this machine.*OTHER_HOST="):
        check_permission(url, permitted="www.example.org")
    check_permission("http://www.example.org/", permitted="www.example.org")


def test_what_is_no_url_is_refused() -> None:
    for url in ("8080", "ftp://127.0.0.1", "http://"):
        with pytest.raises(LoadError, match="URL is"):
            check_permission(url, permitted=None)


def test_below_the_knee_nobody_waits_and_threads_are_busy_by_littles_law() -> None:
    found = forecast(TASK, [200.0], 25, queue_s=2)
    # 25 x 0.2 s = 5 of 10 threads.
    assert found.answers == 25
    assert found.saturation == pytest.approx(50)
    assert found.p95_ms == pytest.approx(200, rel=0.2)


def test_beyond_the_knee_the_rest_is_refused() -> None:
    found = forecast(TASK, [200.0], 80, queue_s=2)
    assert (found.answers, found.saturation) == (50, 100)
    # 200 ms, after at most a quarter of two seconds.
    assert 600 < found.p95_ms <= 700


def test_the_wait_is_that_of_erlangs_formula() -> None:
    # M/M/1 at 50 %: the mean time is 1 / (mu - lambda) = 200 ms, and 95 % are below ln(20) of it, 599 ms.
    chance = random.Random(7)
    durations = [chance.expovariate(1 / 100) for _ in range(5000)]
    one = Task(slots=1, vcpu=2, request_s=0.1, cpu_s=0.001)
    assert forecast(one, durations, 5, queue_s=1e9).p95_ms == pytest.approx(599, rel=0.1)


def test_percentiles_and_errors() -> None:
    assert percentile(list(range(100)), 95) == 95
    assert percentile([], 95) == 0
    assert error_percent(110, 100) == pytest.approx(10)


def _line(**members: object) -> str:
    return json.dumps(members) + "\n"


def test_a_window_sees_what_was_logged_in_it(tmp_path: Path) -> None:
    log = tmp_path / "a-web.log"
    access = {"logger": "service.access", "response_bytes": 1000}
    log.write_text(_line(**access, duration_ms=9000.0))
    window = Window(Watched((), (log,), 1))
    line = _line(**access, duration_ms=100.0)
    with log.open("a") as file:
        file.write(line + _line(**access, duration_ms=300.0) + "no JSON\n")
        file.write(_line(**access, duration_ms=0.1, shed=True))
        now = time.time()
        # Seconds before the window, in it, and after its load has ended.
        for at, busy in ((-100, [90.0, 90.0]), (100, [20.0, 40.0]), (300, [90.0])):
            file.write(_line(_aws={"Timestamp": 1000 * (now + at)}, Saturation=busy))
    found = window.end(load_ended=now + 200)
    assert (found.requests, found.request_ms, found.answer_bytes) == (2, 200, 1000)
    assert found.saturation == 30
    assert found.durations_ms == (100.0, 300.0)
    assert found.log_bytes == pytest.approx(len(line), abs=10)


def test_a_window_without_requests_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingMeasuredError, match="no request was answered in this time"):
        Window(Watched((), (tmp_path / "none.log",), 0)).end()
