"""Test that the release command runs once for each new version, and decides whether that version serves."""

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from infra.parameters import NewSecret
from tests.environments import DEV
from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import command
from tests.local_cloud.release import release, version
from tests.wait import wait_for
from tools.local_cloud import cdk, running, services, up
from tools.local_cloud.running import Running
from tools.local_cloud.state import State

# The command writes down its version and that it has the service's secret; it fails when told to.
_SCRIPT = """
import os, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "released").open("a") as file:
    print(os.environ["VERSION"], file=file)
print("releasing with a secret of", len(os.environ["DRILL_TOKEN"]), "letters", flush=True)
sys.exit(3 if (folder / "fail").exists() else 0)
"""


@dataclass
class Cloud:
    """A separate emulator, and the versions that the release command has written down."""

    state: State
    known: Running
    assembly: Path
    folder: Path
    released_at: float = 0.0

    @property
    def released(self) -> list[str]:
        return (self.folder / "released").read_text().split()

    @property
    def service(self) -> dict[str, Any]:
        [service] = services.deployed(self.known.cloud)
        return service

    @property
    def stack_status(self) -> str:
        cloudformation = self.known.cloud.client("cloudformation")
        [stack] = cloudformation.describe_stacks(StackName="Web-dev")["Stacks"]
        return str(stack["StackStatus"])

    def serving(self) -> set[str]:
        return {task["id"] for task in running.tasks(self.state) if task["status"] == "RUNNING"}

    def roll_out(self, assembly: Path) -> int:
        return up.roll_out(self.state, self.known, assembly)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy dev for the first time, with a secret and a release command."""
    state = State(tmp_path_factory.mktemp("release") / "state")
    folder, assembly = tmp_path_factory.mktemp("noted"), tmp_path_factory.mktemp("assembly")
    changes = {
        "release_command": (sys.executable, "-c", _SCRIPT.format(folder=str(folder))),
        "secrets": {"DRILL_TOKEN": NewSecret()},
    }
    build_app(DEV.model_copy(update=changes), outdir=str(assembly)).synth()
    made = Cloud(state, bare(state, DEV.region, runner=True), assembly, folder)
    cdk.bootstrap(made.known.cloud)
    assert made.roll_out(assembly) == 0
    made.released_at = (folder / "released").stat().st_mtime
    yield made
    made.known.emulator.kill()  # faster than destroying it, which other tests do
    assert command(state, "down").returncode == 0


def test_it_runs_before_the_first_task_with_the_services_secrets(cloud: Cloud) -> None:
    assert cloud.released[0] == version(cloud.assembly)
    ecs, logs = cloud.known.cloud.client("ecs"), cloud.known.cloud.client("logs")
    cluster = cloud.service["clusterArn"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=ecs.list_tasks(cluster=cluster)["taskArns"])["tasks"]
    first = min(task["createdAt"].timestamp() for task in tasks if task["group"].startswith("service:"))
    assert cloud.released_at < first
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    said = [
        event["message"]
        for group in groups
        for event in logs.filter_log_events(logGroupName=group, logStreamNamePrefix="release/release/")[
            "events"
        ]
    ]
    assert "releasing with a secret of 50 letters" in said


def test_where_it_fails_the_old_version_serves_on_and_its_last_lines_are_shown(
    cloud: Cloud, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before, serving, definition = cloud.released, cloud.serving(), cloud.service["taskDefinition"]
    broken = release(cloud.assembly, tmp_path, code="# fails")
    (cloud.folder / "fail").touch()
    try:
        assert cloud.roll_out(broken) == 1
    finally:
        (cloud.folder / "fail").unlink()
    told = "".join(capfd.readouterr())
    assert "The release command ended with exit code 3. Its last lines" in told
    assert "releasing with a secret of 50 letters" in told
    assert (cloud.stack_status, cloud.service["taskDefinition"]) == ("UPDATE_ROLLBACK_COMPLETE", definition)
    assert cloud.serving() == serving
    # The command ran once: the rollback returns to a version that was released before.
    assert cloud.released == [*before, version(broken)]


def test_it_is_not_run_on_the_way_back_from_a_version_that_does_not_serve(
    cloud: Cloud, tmp_path: Path
) -> None:
    before, serving = cloud.released, cloud.serving()
    broken = release(cloud.assembly, tmp_path, code="raise RuntimeError('broken at import')")
    with contextlib.redirect_stdout(io.StringIO()):
        assert cloud.roll_out(broken) == 1
    assert cloud.stack_status == "UPDATE_ROLLBACK_COMPLETE"
    assert cloud.released == [*before, version(broken)]
    assert cloud.serving() == serving


def test_what_a_rotated_secret_calls_deploys_the_service_again_without_a_release(cloud: Cloud) -> None:
    before, definition, tasks = cloud.released, cloud.service["taskDefinition"], cloud.serving()
    deployment = cloud.service["deployments"][0]["id"]
    lambda_ = cloud.known.cloud.client("lambda")
    [restart] = [
        each["FunctionName"]
        for each in lambda_.list_functions()["Functions"]
        if each["Handler"] == "functions.restart.handler"
    ]
    # EventBridge would call this, but it accepts events in the name of AWS from AWS alone.
    lambda_.invoke(FunctionName=restart)
    wait_for(lambda: cloud.service["deployments"][0]["id"] != deployment, "another deployment")
    assert (cloud.service["taskDefinition"], cloud.released) == (definition, before)
    # New tasks read the new value.
    wait_for(lambda: cloud.serving() and not cloud.serving() & tasks, "new tasks")
