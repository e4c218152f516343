"""At a steady load an update and a scaling lose no request, and a killed worker only its own."""

import json
import threading
import time
import urllib.request
from pathlib import Path

import psutil

from tests.local_cloud.conftest import Dev
from tests.local_cloud.load import CONNECTIONS
from tests.local_cloud.release import version
from tests.local_cloud.wait import wait_for


def test_a_rolling_update_loses_no_request(dev: Dev, tmp_path: Path, report: list[str]) -> None:
    dev.scaled(2)
    new = dev.make(tmp_path, code="pass")
    old_tasks = {task["id"] for task in dev.tasks}
    with dev.load() as load:
        wait_for(lambda: load.sent > 100, "load")
        began = time.monotonic()
        assert dev.roll_out(new) == 0
        took_s = time.monotonic() - began
        sent = load.sent
        wait_for(lambda: load.sent > sent + 100, "load on the new version")
    report.append(
        f"rolling update 2 -> 2: sent {load.sent}, failed {len(load.failed)}, cdk deploy took {took_s:.1f} s"
    )
    assert load.failed == []
    assert load.versions[version(new)] > 100
    assert old_tasks <= set(load.tasks), "the load began on the old tasks"
    assert {task["version"] for task in dev.tasks} == {version(new)}
    assert old_tasks.isdisjoint(task["id"] for task in dev.tasks)


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


def test_a_request_in_flight_outlives_its_version(dev: Dev, tmp_path: Path) -> None:
    dev.scaled(2)
    old = {task["version"] for task in dev.tasks}
    answers = []

    def ask() -> None:
        with urllib.request.urlopen(f"{dev.running.url}/slow?seconds=9", timeout=20) as response:
            answers.append(json.load(response)["version"])

    asking = threading.Thread(target=ask)
    asking.start()
    assert dev.roll_out(dev.make(tmp_path, code="pass")) == 0
    asking.join()
    assert set(answers) == old


def test_a_task_that_dies_is_replaced(dev: Dev) -> None:
    dev.scaled(2)
    victim = dev.tasks[0]
    psutil.Process(victim["processes"][0]["pid"]).kill()
    wait_for(lambda: victim["id"] not in {task["id"] for task in dev.tasks}, "the end of the task")
    wait_for(lambda: len(dev.tasks) == 2, "a new task")
