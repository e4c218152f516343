"""Let a deployed service sleep, and wake it by a request: a program's, and a person's with a browser."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import Environment, Sleep, Tasks
from tests.local_cloud.bare import bare
from tests.local_cloud.browser import Browser, find_chromium
from tests.local_cloud.conftest import Dev, command
from tests.local_cloud.load import Load
from tests.wait import wait_for
from tools.local_cloud import cdk, running, up
from tools.local_cloud.state import State

REGION = "eu-west-1"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """Deploy an environment that may sleep."""
    state = State(tmp_path_factory.mktemp("sleep"))
    cdk.bootstrap(bare(state, REGION, runner=True).cloud)
    environment = Environment(
        name="dev", tasks=Tasks(min=1, max=2, cpu=256, memory_mib=512), removal="destroy", sleep=Sleep()
    )
    assembly = tmp_path_factory.mktemp("assembly")
    build_app(environment, outdir=str(assembly)).synth()
    known = replace(running.required(state), region=REGION)
    assert up.roll_out(state, known, Path(assembly)) == 0
    yield Dev(state)
    command(state, "down")


def asked(cloud: Dev) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return status, headers and document that a program gets."""
    url = f"http://127.0.0.1:{running.required(cloud.state).front_port}/"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, dict(answer.headers), json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.loads(error.read())


def tasks(cloud: Dev) -> list[object]:
    return [each for each in running.tasks(cloud.state) if each["status"] == "RUNNING"]


@pytest.fixture
def asleep(cloud: Dev) -> Dev:
    """Let it sleep."""
    done = cloud.operate("pause")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: not tasks(cloud), "the end of all tasks")
    return cloud


def test_a_programs_request_wakes_it_and_none_is_lost_afterwards(asleep: Dev) -> None:
    status, headers, told = asked(asleep)
    assert (status, headers["Retry-After"], told["title"]) == (503, "5", "Waking up")
    wait_for(lambda: asked(asleep)[0] == 200, "an answer of a task", within_s=60)
    with Load(running.required(asleep.state).front_port) as load:
        wait_for(lambda: load.sent > 100, "100 answers")
    assert load.failed == []


def test_a_person_sees_that_it_wakes_and_then_the_app(asleep: Dev, tmp_path: Path) -> None:
    with Browser(find_chromium(), tmp_path / "profile") as browser:
        browser.open(f"http://127.0.0.1:{running.required(asleep.state).front_port}/")

        def shown() -> str:
            return str(browser.evaluate("document.body ? document.body.innerText : ''"))

        wait_for(lambda: "Waking up" in shown(), "the page that says it wakes")
        # The page comes back by itself.
        wait_for(lambda: shown() and "Waking up" not in shown(), "the page of the app", within_s=60)
        assert browser.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") == 200


def test_status_calls_it_well_and_resume_wakes_it(asleep: Dev) -> None:
    status = asleep.operate("status")
    assert (status.returncode, "asleep" in status.stdout) == (0, True)
    done = asleep.operate("resume")
    assert done.returncode == 0, done.stderr
    assert asked(asleep)[0] == 200
