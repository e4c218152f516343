"""Test the operator's commands on the deployed dev environment; tests/operate has those it cannot run."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import Dev, command
from tests.local_cloud.release import version
from tests.mcp.asking import asked
from tests.wait import wait_for
from tools.local_cloud.state import REPOSITORY, State

_TWO_LOG_GROUPS = {
    "Resources": {
        "Log": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain"},
        "Other": {"Type": "AWS::Logs::LogGroup"},
    }
}


def _answer(dev: Dev) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(dev.running.url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def steady(dev: Dev) -> Dev:
    """Return the environment in the version that was synthesised, with one task."""
    if {task["version"] for task in dev.tasks} != {version(dev.state.assembly)}:
        assert dev.roll_out(dev.state.assembly) == 0
    dev.scaled(1)
    return dev


def test_status_shows_the_task_and_that_all_is_well(steady: Dev) -> None:
    [task] = steady.tasks
    shown = steady.operate("status")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    [row] = [line for line in shown.stdout.splitlines() if task["id"][:8] in line]
    assert all(part in row for part in (task["zone"], task["version"], "RUNNING", "healthy"))
    assert "COMPLETED, 1 of 1 tasks (100 %)" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_status_has_the_figures_that_the_tasks_report(steady: Dev) -> None:
    _answer(steady)

    def figures() -> dict[str, float]:
        document = json.loads(steady.operate("status", "--json").stdout)
        return document["answer"]["traffic"] or {}

    wait_for(lambda: figures().get("requests_per_s"), "a line of metrics")
    measured = figures()
    assert measured["p95_ms"] > 0
    assert 0 <= measured["busy_percent"] <= 100


def test_an_agent_sees_by_mcp_what_status_and_logs_say(steady: Dev) -> None:
    [task] = steady.tasks
    given = {"environment": "dev"}
    calls = [("status", given), ("logs", {**given, "since": "1h", "task": task["id"][:8]})]
    status, logs = asked(f"--local={steady.state.folder}", calls=calls)["answers"]
    told = json.loads(status["content"][0]["text"])
    assert (told["exit_code"], told["local"]) == (0, True)
    assert [each["task"] for each in told["answer"]["tasks"]] == [task["id"][:8]]
    assert {each["task"] for each in json.loads(logs["content"][0]["text"])["answer"]} == {task["id"]}


def test_logs_are_what_the_task_wrote(steady: Dev) -> None:
    [task] = steady.tasks
    _answer(steady)
    wait_for(lambda: "request " in steady.operate("logs", "--task", task["id"][:8]).stdout, "an access line")
    raw = steady.operate("logs", "--task", task["id"][:8], "--raw", "--since", "1h").stdout
    # Beside the JSON lines there are the proxy's own words, such as that the app does not answer yet.
    lines = [json.loads(line) for line in raw.splitlines() if line.startswith("{")]
    assert {(line["logger"], line["message"]) for line in lines} >= {("service.access", "request")}


def test_run_task_streams_and_ends_as_its_command_does(steady: Dev) -> None:
    code = "import os, sys; print('in', os.environ['ENVIRONMENT']); sys.exit(7)"
    done = steady.operate("run-task", "--", "python", "-c", code)
    assert done.returncode == 7, done.stdout + done.stderr
    assert "in dev" in done.stdout.splitlines()
    assert steady.service["runningCount"] == 1


def test_ctrl_c_stops_what_run_task_started(steady: Dev) -> None:
    words = [sys.executable, "-m", "tools.operate", "run-task", "dev", "--local", str(steady.state.folder)]
    process = subprocess.Popen(
        [*words, "--", "python", "-c", "import time; print('begun', flush=True); time.sleep(600)"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert any(line == "begun\n" for line in process.stdout)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 130
    ecs, cluster = steady.client("ecs"), steady.service["clusterArn"]
    [mine] = ecs.list_tasks(cluster=cluster, startedBy="run-task", desiredStatus="STOPPED")["taskArns"][-1:]

    def stopped() -> bool:
        [task] = ecs.describe_tasks(cluster=cluster, tasks=[mine])["tasks"]
        return bool((task["lastStatus"], task["stopCode"]) == ("STOPPED", "UserInitiated"))

    wait_for(stopped, "the end of the task")


def test_the_maintenance_page_closes_and_opens_the_service(steady: Dev) -> None:
    for _ in range(2):
        assert steady.operate("maintenance-on", "--message", "Back at <5>.").returncode == 0
    assert _answer(steady)[0] == 503
    assert "Back at &lt;5&gt;." in _answer(steady)[1]
    shown = steady.operate("status")
    assert (shown.returncode, "every visitor gets the maintenance page" in shown.stdout) == (1, True)
    for _ in range(2):
        assert steady.operate("maintenance-off").returncode == 0
    assert _answer(steady)[0] == 200


def test_a_rollback_brings_back_what_ran_before(steady: Dev, tmp_path: Path) -> None:
    before = version(steady.state.assembly)
    newer = steady.make(tmp_path, code="pass")
    assert steady.roll_out(newer) == 0
    with steady.load() as load:
        done = steady.operate("rollback")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"(version {before}) serves" in done.stdout
    assert load.failed == []
    assert json.loads(_answer(steady)[1])["version"] == before


def test_a_rollback_stops_a_deployment_that_is_under_way(steady: Dev) -> None:
    ecs, service = steady.client("ecs"), steady.service
    old = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    [web] = [each for each in old["containerDefinitions"] if each["name"] == "web"]
    web["command"] += ["--bind", "127.0.0.1:0"]
    keys = ("family", "networkMode", "cpu", "memory", "requiresCompatibilities", "volumes")
    new = ecs.register_task_definition(
        **{key: old[key] for key in keys}, containerDefinitions=old["containerDefinitions"]
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=service["clusterArn"], service=service["serviceName"], taskDefinition=new)
    done = steady.operate("rollback")
    assert done.returncode == 0, done.stdout + done.stderr
    assert steady.service["taskDefinition"] == service["taskDefinition"]
    assert _answer(steady)[0] == 200


@pytest.fixture
def two_log_groups(dev: Dev, tmp_path: Path) -> Iterator[Dev]:
    """Create a small stack called Web-dev in another emulator; destroying a stack needs no service."""
    state = State(tmp_path / "state")
    known = bare(state, dev.running.region, runner=True)
    cloudformation = known.cloud.client("cloudformation")
    cloudformation.create_stack(StackName="Web-dev", TemplateBody=json.dumps(_TWO_LOG_GROUPS))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="Web-dev", WaiterConfig={"Delay": 1})
    yield Dev(state)
    known.emulator.kill()
    assert command(state, "down").returncode == 0


def test_destroy_leaves_what_it_says(dev: Dev, two_log_groups: Dev) -> None:
    done = two_log_groups.operate("destroy", "--app", str(dev.state.assembly))
    assert done.returncode == 0, done.stdout + done.stderr
    groups = two_log_groups.client("logs").describe_log_groups()["logGroups"]
    [kept] = [group["logGroupName"] for group in groups]
    assert done.stdout.count(f"AWS::Logs::LogGroup {kept}") == 2
    again = two_log_groups.operate("destroy")
    assert (again.returncode, "Web-dev is not deployed" in again.stderr) == (1, True)
