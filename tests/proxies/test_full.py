"""Test that the proxy refuses while the workers are full, and that each refusal is counted once."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.service.gunicorn_process import Server
from tests.wait import wait_for

TOKEN = "a token of sixteen"
SHED = re.compile(r"^http_requests_shed\w*_total (\S+)$", re.MULTILINE)
BURSTS, AT_ONCE = 7, 30


@pytest.fixture(scope="module")
def pair(started: Callable[..., Server], run: Callable[..., Server]) -> Iterator[tuple[Server, Server]]:
    """Start an app that has two threads, and its proxy; they share a folder."""
    shared = tempfile.TemporaryDirectory(prefix="shared-", ignore_cleanup_errors=True)
    Path(shared.name).chmod(0o755)  # if root starts a proxy, its workers run as another user
    app = started(
        SHARED_FOLDER=shared.name,
        GUNICORN_WORKERS="1",
        GUNICORN_THREADS="2",
        GUNICORN_QUEUE_S="2",
        PROMETHEUS_TOKEN=TOKEN,
        PROXY_HOPS="2",
    )
    front = run(app.port, SHARED_FOLDER=app.shared, UPSTREAM_CONNECTIONS="40")
    wait_for(front.answers, "the first answer")
    yield app, front
    shared.cleanup()


@pytest.fixture
def full(pair: tuple[Server, Server]) -> Path:
    return Path(pair[0].shared, "full")


def test_a_full_service_is_not_asked_but_health_and_files_are_served(
    pair: tuple[Server, Server], full: Path, tmp_path: Path
) -> None:
    app, front = pair
    file = Path(app.shared, "static", "static", "published.txt")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("published")
    with app.held(tmp_path, 30):
        wait_for(full.exists, "the sign that the service is full")
        assert front.get("/healthz")[0].status == 200
        assert front.get("/static/published.txt")[1] == b"published"
    wait_for(lambda: not full.exists(), "the end of the sign")
    assert front.get("/version")[0].status == 200


def test_a_refusal_is_a_problem(pair: tuple[Server, Server], full: Path, tmp_path: Path) -> None:
    app, front = pair
    with app.held(tmp_path, 30):
        wait_for(full.exists, "the sign that the service is full")
        answers = (front.get("/version") for _ in range(1000))
        answer, body = next(got for got in answers if got[0].status == 503)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "1"
    assert json.loads(body)["status"] == 503


def test_an_idle_worker_removes_what_a_dead_one_has_left(full: Path) -> None:
    full.touch()
    wait_for(lambda: not full.exists(), "the end of the sign")


def test_every_request_of_seven_bursts_is_answered_or_counted_as_shed(
    pair: tuple[Server, Server],
) -> None:
    app, front = pair
    # EMF comes every ten seconds: the requests of other tests may not be in it yet.
    wait_for(lambda: len(set(_counts(app, front).values())) == 1, "the end of what came before")
    before = _counts(app, front)
    statuses: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(BURSTS):
            statuses.update(pool.map(lambda _: front.get("/one-second")[0].status, range(AT_ONCE)))
    assert set(statuses) == {200, 503}
    assert statuses.total() == BURSTS * AT_ONCE

    def counted() -> dict[str, int]:
        return {name: count - before[name] for name, count in _counts(app, front).items()}

    wait_for(lambda: min(counted().values()) >= statuses[503], f"{statuses[503]} refusals in each count")
    assert counted() == dict.fromkeys(before, statuses[503])


def _counts(app: Server, front: Server) -> dict[str, int]:
    """Return how many requests each place says have been shed."""
    text = app.get("/metrics", Authorization=f"Bearer {TOKEN}")[1].decode()
    lines = [*app.lines(), *front.lines()]
    return {
        "EMF": sum(int(line.get("ShedRequests", 0)) for line in lines),
        "Prometheus": sum(int(float(value)) for value in SHED.findall(text)),
        "access lines": sum(
            line.get("message") == "request" and (line.get("shed") is True or line.get("ShedRequests") == 1)
            for line in lines
        ),
    }
