"""Test that under load an update and a scaling lose no request, and a killed worker only its own."""

import asyncio
import json
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks import bursts
from tests.local_cloud.conftest import Dev
from tests.local_cloud.load import CONNECTIONS, Load
from tests.local_cloud.release import version
from tests.wait import wait_for

# Two tasks of 16 threads each can begin no more than 32 of them in the two seconds that a request may wait.
BURST = bursts.Burst("/api/v1/delay/3", connections=200)


@dataclass(frozen=True)
class Update:
    """One rolling update of two tasks under load, and a request that was in flight when it began."""

    load: Load
    took_s: float
    old_tasks: set[str]
    new_tasks: list[dict[str, Any]]
    old_version: str
    new_version: str
    slow_answer: dict[str, Any]


@pytest.fixture(scope="module")
def update(dev: Dev, tmp_path_factory: pytest.TempPathFactory, report: list[str]) -> Update:
    """Make one update under load for all the tests that read its results."""
    dev.scaled(2)
    new = dev.make(tmp_path_factory.mktemp("update"), code="pass")
    old = dev.tasks
    with dev.load() as load, ThreadPoolExecutor(1) as pool:
        wait_for(lambda: load.sent > 100, "load")
        began = time.monotonic()
        slow = pool.submit(_ask_slowly, dev.running.url)
        assert dev.roll_out(new) == 0
        took_s = time.monotonic() - began
        sent = load.sent
        wait_for(lambda: load.sent > sent + 100, "load on the new version")
    report.append(
        f"rolling update 2 -> 2: sent {load.sent}, failed {len(load.failed)}, cdk deploy took {took_s:.1f} s"
    )
    return Update(
        load=load,
        took_s=took_s,
        old_tasks={task["id"] for task in old},
        new_tasks=dev.tasks,
        old_version=old[0]["version"],
        new_version=version(new),
        slow_answer=slow.result(),
    )


def _ask_slowly(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/api/v1/delay/6", timeout=20) as response:
        return dict(json.load(response))


def test_a_rolling_update_loses_no_request(update: Update) -> None:
    assert update.load.failed == []
    assert update.old_tasks <= set(update.load.tasks), "the load began on the old tasks"
    assert update.load.versions[update.new_version] > 100


def test_a_rolling_update_replaces_every_task(update: Update) -> None:
    assert [task["version"] for task in update.new_tasks] == [update.new_version] * 2
    assert update.old_tasks.isdisjoint(task["id"] for task in update.new_tasks)


def test_a_request_in_flight_is_answered_by_the_version_that_took_it(update: Update) -> None:
    assert update.slow_answer["version"] == update.old_version


def test_an_update_completes_while_bursts_are_refused_in_part(
    dev: Dev, tmp_path: Path, report: list[str]
) -> None:
    dev.scaled(2)
    new = dev.make(tmp_path, code="pass")
    statuses: Counter[int] = Counter()
    with ThreadPoolExecutor(1) as pool:
        rolled_out = pool.submit(dev.roll_out, new)
        while not rolled_out.done():
            answers = asyncio.run(bursts.send(dev.running.front_port, BURST))
            statuses.update({status: answers.count(status) for status in answers.by_status})
        assert rolled_out.result() == 0
    report.append(f"bursts during a rolling update: {dict(statuses)}")
    assert set(statuses) == {200, 503}
    assert {task["version"] for task in dev.tasks} == {version(new)}


def test_scaling_out_and_in_loses_no_request(dev: Dev, report: list[str]) -> None:
    dev.scaled(2)
    with dev.load() as load:
        wait_for(lambda: load.sent > 100, "load")
        dev.scaled(4)
        four = {task["id"] for task in dev.tasks}
        wait_for(lambda: four <= set(load.tasks), "an answer of every task")
        dev.scaled(2)
        sent = load.sent
        wait_for(lambda: load.sent > sent + 100, "load on two tasks")
    report.append(f"scaling 2 -> 4 -> 2: sent {load.sent}, failed {len(load.failed)}")
    assert load.failed == []


def test_a_killed_worker_loses_at_most_what_it_was_answering(dev: Dev, report: list[str]) -> None:
    dev.scaled(2)
    master = psutil.Process(dev.tasks[0]["processes"][0]["pid"])
    before = {worker.pid for worker in master.children()}
    victim = master.children()[0]
    with dev.load() as load:
        wait_for(lambda: load.sent > 100, "load")
        victim.kill()
        wait_for(lambda: {worker.pid for worker in master.children()} - before, "a new worker")
        sent = load.sent
        wait_for(lambda: load.sent > sent + 100, "load afterwards")
    report.append(f"worker killed with SIGKILL: sent {load.sent}, failed {len(load.failed)}")
    assert len(load.failed) <= CONNECTIONS, load.failed


def test_a_task_that_dies_is_replaced(dev: Dev) -> None:
    dev.scaled(2)
    victim = dev.tasks[0]
    psutil.Process(victim["processes"][0]["pid"]).kill()
    wait_for(lambda: victim["id"] not in {task["id"] for task in dev.tasks}, "the end of the task")
    wait_for(lambda: len(dev.tasks) == 2, "a new task")
