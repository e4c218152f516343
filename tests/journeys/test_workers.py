"""docs/workers.md, word for word: a job, and a worker that loses no message and does none twice.

Under load there is a rolling update, and then a worker is killed.
"""

import collections
import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import psutil
import pytest

from tests.checkout import ROOT
from tests.journeys.conftest import Journey, made_project
from tests.journeys.test_data import DEV
from tests.template.repository import Repository
from tests.wait import wait_for
from tools.local_cloud import running
from tools.local_cloud.state import State

PAGE = (ROOT / "docs" / "workers.md").read_text().partition("## What is promised")[0]
_EVERY_S = 0.15


@dataclass
class Sender:
    """Leave mail to be sent, a piece after the other, until told to stop."""

    url: str
    name: str
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()

    def _send(self) -> None:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while not self._ends.wait(_EVERY_S):
            to = f"{self.name}-{len(self.sent)}"
            with direct.open(urllib.request.Request(f"{self.url}/mail/{to}", method="POST"), timeout=20):
                self.sent.append(to)


@dataclass
class Seen:
    """Keep what a person saw on the way, and how often each piece of mail was sent."""

    journey: Journey
    said: dict[str, str] = field(default_factory=dict)
    before: str = ""  # what status said first
    updated: Sender | None = None
    killed: Sender | None = None

    @property
    def state(self) -> State:
        """Return the local cloud of the project."""
        return State(self.journey.folder / ".local")

    def workers(self) -> list[dict[str, Any]]:
        """Return the worker's tasks that run."""
        tasks = [each for each in running.tasks(self.state) if each["status"] == "RUNNING"]
        return [each for each in tasks if each["logs"][0].endswith("-mail.log")]

    def done(self) -> collections.Counter[str]:
        """Count the lines of all tasks, also those that have ended, about each piece of mail."""
        lines = [
            line
            for log in self.state.logs.glob("*-mail.log")
            for line in log.read_text().splitlines(keepends=True)
            if line.startswith("{") and line.endswith("\n")
        ]
        said = (str(json.loads(line).get("message", "")) for line in lines)
        return collections.Counter(each.removeprefix("sent to ") for each in said if each.startswith("sent"))

    def all_done(self, sender: Sender) -> None:
        """Wait until each piece of mail was sent."""
        wait_for(lambda: {*sender.sent} <= self.done().keys(), "all work", within_s=90)


@pytest.fixture(scope="module")
def seen(kit: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Write what the page says, give its commands in their order, and work meanwhile."""
    packages, worker, job = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    settings, app, module, nightly = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    # The job is there from the beginning, so that one `make up` does for both.
    first, second = (
        re.findall(r"\$ make (.*)", each) for each in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    )
    commands = [*first[:-1], *second[1:]]
    with made_project(kit, tmp_path_factory.mktemp("a team")) as journey:
        seen = Seen(journey)
        for old in (journey.folder / "service" / "app").glob("*.py"):
            old.unlink()
        package = journey.folder / "service" / "src" / "shop"
        package.mkdir()
        journey.write("service/requirements.in", f"flask\n{packages}")
        journey.write("service/app/settings.py", settings)
        journey.write("service/app/__init__.py", app)
        journey.write("service/src/shop/mail.py", module)
        journey.write("service/src/shop/nightly.py", nightly)
        environments = journey.folder / "infra" / "environments.py"
        text = environments.read_text().replace(DEV, f"{DEV}{worker}{job}", 1)
        names = "    Job,\n    Pipeline,\n    Queue,\n    Worker,\n"
        environments.write_text(text.replace("    Pipeline,\n", names, 1))
        for command in commands:
            if command == "deploy LOCAL=1":
                journey.write("service/src/shop/mail.py", f"{module}\n# the next version\n")
                seen.updated = _update(seen)
                seen.killed = _kill(seen)
                continue
            seen.said[command] = journey.make(*command.split(), *(["PORT=0"] if command == "up" else []))
            seen.before = seen.before or seen.said.get("status LOCAL=1", "")
        yield seen


def _update(seen: Seen) -> Sender:
    with Sender(seen.journey.url, "updated") as sender:
        wait_for(lambda: len(sender.sent) > 10, "work", within_s=60)
        seen.said["deploy LOCAL=1"] = seen.journey.make("deploy", "LOCAL=1")
    seen.all_done(sender)
    return sender


def _kill(seen: Seen) -> Sender:
    with Sender(seen.journey.url, "killed") as sender:
        wait_for(lambda: seen.done().keys() & {*sender.sent}, "work", within_s=60)
        victim = seen.workers()[0]
        # Between two lines of its log a worker has the next piece in hand for 0.2 s.
        before = sum(seen.done().values())
        wait_for(lambda: sum(seen.done().values()) > before, "a line")
        psutil.Process(victim["processes"][0]["pid"]).kill()
        sent = len(sender.sent)
        wait_for(lambda: len(sender.sent) > sent + 10, "work after it", within_s=60)
    seen.all_done(sender)
    return sender


def test_ten_commands_are_enough(seen: Seen) -> None:
    assert len(seen.journey.commands) <= 10


def test_a_rolling_update_loses_no_work_and_does_none_twice(seen: Seen) -> None:
    assert seen.updated
    counted = [seen.done()[each] for each in seen.updated.sent]
    assert len(counted) > 20
    assert {*counted} == {1}


def test_what_a_killed_worker_had_in_work_is_done_by_another(seen: Seen) -> None:
    assert seen.killed
    counted = collections.Counter(seen.done()[each] for each in seen.killed.sent)
    assert counted[0] == 0
    # SQS promises at least once: killed between the work and the receipt, one piece is done again.
    assert sum(counted.values()) - counted[1] <= 1


def test_status_has_the_worker_and_its_queue(seen: Seen) -> None:
    said = " ".join(seen.before.split())
    assert "Worker mail: COMPLETED, 1 of 1 tasks" in said
    assert "its queue: 0 wait, 0 in work, 0 failed" in said


def test_a_job_runs_when_it_is_told_to_and_status_says_how_it_ended(seen: Seen) -> None:
    assert "added up" in seen.said["run-job LOCAL=1 NAME=nightly"]
    assert "Exit code 0." in seen.said["run-job LOCAL=1 NAME=nightly"]
    assert "nightly: no run is in the log" in seen.before
    assert "ended with exit code 0 after" in seen.said["status LOCAL=1"]


def test_a_worker_is_scaled_alone(seen: Seen) -> None:
    said = " ".join(seen.said["scale-local WORKER=mail TASKS=2"].split())
    assert "Scale to 2 tasks" in said
    assert said.count("-mail.log") == 2
    assert said.count("-web.log") == 1


def test_its_queues_go_with_the_stack(seen: Seen) -> None:
    assert "Nothing is left." in seen.said["down"]
