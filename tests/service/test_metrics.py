"""Test that metrics are valid EMF and exact, and have no gap."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service.kit import metrics
from service.kit.counting import MAX_ROUTES, Recorder
from service.kit.emf import MAX_VALUES, NAMESPACE, UNITS
from service.kit.exchange import Exchange
from service.kit.metrics import Reporter
from service.kit.slots import Slot, Slots
from tests.service.gunicorn_process import Server
from tests.wait import wait_for

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
CLOUDWATCH_UNITS = {"Count", "Percent", "Milliseconds"}


def exchange(status: int = 200, *, route: str | None = "/a", seconds: float = 0.01) -> Exchange:
    made = Exchange({})
    made.status, made.route, made.duration_s = status, route, seconds
    return made


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def reporter(recorder: Recorder) -> Reporter:
    return Reporter(recorder, environment="test", version="abc")


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Slots:
    made = Slots()
    monkeypatch.setattr("service.kit.counting.slots", made)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that sets the time."""
    return lambda now: monkeypatch.setattr("time.monotonic", lambda: now)


def directive(line: dict[str, Any]) -> dict[str, Any]:
    (only,) = line["_aws"]["CloudWatchMetrics"]
    return dict(only)


def test_a_line_is_valid_emf(recorder: Recorder, reporter: Reporter, busy: Slots) -> None:
    recorder.record(exchange())
    busy.all.append(Slot(since=0.0, stream=True))
    recorder.sample()
    line = reporter.line()
    said = directive(line)
    assert said["Namespace"] == NAMESPACE
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert {metric["Name"]: metric["Unit"] for metric in said["Metrics"]} == UNITS
    assert set(UNITS.values()) <= CLOUDWATCH_UNITS
    for metric in said["Metrics"]:
        value = line[metric["Name"]]
        for number in value if isinstance(value, list) else [value]:
            assert isinstance(number, int | float)


def test_the_only_dimension_is_the_environment(reporter: Reporter) -> None:
    line = reporter.line()
    assert directive(line)["Dimensions"] == [["Environment"]]
    assert line["Environment"] == "test"


def test_an_idle_worker_reports_saturation_zero_and_no_latency(reporter: Reporter) -> None:
    line = reporter.line()
    assert (line["Saturation"], line["Requests"]) == ([0.0], 0)
    assert "Latency" not in line
    assert "Latency" not in {metric["Name"] for metric in directive(line)["Metrics"]}


def test_streams_are_the_most_that_were_open_and_none_are_no_metric(
    recorder: Recorder, reporter: Reporter, busy: Slots
) -> None:
    assert "Streams" not in reporter.line()
    busy.all.extend(Slot(since=0.0, stream=True) for _ in range(3))
    recorder.sample()
    busy.all.pop()
    recorder.sample()
    assert reporter.line()["Streams"] == 3


def test_saturation_is_the_time_for_which_threads_were_busy(
    recorder: Recorder, reporter: Reporter, busy: Slots, clock: Callable[[float], None]
) -> None:
    busy.total = 4
    clock(0)
    recorder.sample()
    busy.all.append(Slot(since=0.0))  # busy all the time
    busy.left_s = 1.0  # and a burst that began and ended between two samples
    clock(1)
    recorder.sample()
    busy.all.append(Slot(since=1.0, stream=True))
    clock(2)
    recorder.sample()
    assert reporter.line()["Saturation"][1:] == [50.0, 25.0]


def test_all_threads_busy_read_100_percent(
    recorder: Recorder, reporter: Reporter, busy: Slots, clock: Callable[[float], None]
) -> None:
    busy.total = 4
    clock(0)
    recorder.sample()
    busy.all.extend(Slot(since=0.0) for _ in range(4))
    clock(1)
    recorder.sample()
    assert reporter.line()["Saturation"][1:] == [100.0]


def test_requests_are_counted_by_status_and_by_route(recorder: Recorder, reporter: Reporter) -> None:
    for status in (200, 204, 302, 404, 500, 503):
        recorder.record(exchange(status))
    recorder.record(exchange(404, route=None))
    line = reporter.line()
    assert (line["Requests"], line["Responses4xx"], line["Responses5xx"]) == (7, 2, 2)
    assert line["Routes"] == {"/a": {"2xx": 2, "3xx": 1, "4xx": 1, "5xx": 2}, "no route": {"4xx": 1}}


def test_each_line_counts_its_own_interval(recorder: Recorder, reporter: Reporter) -> None:
    for _ in range(3):
        refused = exchange(503)
        refused.shed = True
        recorder.record(refused)
    broken = exchange(200)
    broken.broken = True
    recorder.record(broken)
    line = reporter.line()
    assert (line["Requests"], line["ShedRequests"], line["BrokenAnswers"]) == (4, 3, 1)
    line = reporter.line()
    assert (line["Requests"], line["ShedRequests"], line["BrokenAnswers"]) == (0, 0, 0)


def test_a_worker_that_took_anothers_place_says_so_once(recorder: Recorder) -> None:
    reporter = Reporter(recorder, environment="test", version="abc")
    reporter.start(restarted=True)
    assert [reporter.line()["WorkerRestarts"] for _ in range(2)] == [1, 0]
    reporter.stop()


def test_latencies_keep_their_distribution_within_the_limit_of_a_line(
    recorder: Recorder, reporter: Reporter
) -> None:
    for number in range(5000):
        recorder.record(exchange(seconds=(number + 1) / 1000))
    values = reporter.line()["Latency"]
    assert len(values) == MAX_VALUES
    assert values == sorted(values)
    for percentile in (50, 90, 99):
        assert values[percentile] == pytest.approx(50 * percentile, rel=0.07)
    assert values[-1] == pytest.approx(5000, rel=0.05)


def test_few_latencies_are_each_told(recorder: Recorder, reporter: Reporter) -> None:
    for milliseconds in (1, 10, 1000):
        recorder.record(exchange(seconds=milliseconds / 1000))
    assert reporter.line()["Latency"] == pytest.approx([1, 10, 1000], rel=0.05)


def test_strangers_cannot_make_a_line_grow(recorder: Recorder, reporter: Reporter) -> None:
    for number in range(MAX_ROUTES + 20):
        recorder.record(exchange(route=f"/{number}"))
    line = reporter.line()
    assert len(line["Routes"]) == MAX_ROUTES
    assert line["Requests"] == MAX_ROUTES + 20


def test_the_app_counts_what_passes_through_it(app: Flask) -> None:
    app.test_client().get("/version").close()
    assert app.extensions["kit_metrics"].line()["Routes"] == {"/version": {"2xx": 1}}


def test_a_worker_writes_its_last_interval_when_it_ends(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1", LOG_LEVEL="critical")
    server.get("/version")
    server.process.terminate()
    server.process.wait(10)
    line = server.lines_with(message="metrics")[-1]
    assert line["Routes"] == {"/version": {"2xx": 1}}


def test_an_app_that_was_loaded_before_the_fork_reports_too(started: Callable[..., Server]) -> None:
    server = started("--preload", GUNICORN_WORKERS="1")
    server.process.terminate()
    assert server.process.wait(15) == 0
    assert server.lines_with(message="metrics")


def test_a_worker_writes_without_being_asked(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    written: list[dict[str, Any]] = []
    monkeypatch.setattr(metrics, "INTERVAL_S", 1)
    monkeypatch.setattr(Reporter, "write", lambda self: written.append(self.line()))
    metrics.start(app, restarted=False)
    wait_for(lambda: len(written) >= 2, "two lines")
    metrics.stop(app)
    assert all(line["Saturation"] for line in written)


def test_a_replaced_worker_is_counted(started: Callable[..., Server]) -> None:
    server = started(GUNICORN_WORKERS="1")
    with pytest.raises(OSError, match=r"closed|reset"):
        server.get("/end-worker")
    wait_for(lambda: server.count("Booting worker") == 2 and server.answers(), "a new worker")
    server.process.terminate()
    server.process.wait(10)
    assert sum(line["WorkerRestarts"] for line in server.lines_with(message="metrics")) == 1
