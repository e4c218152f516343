"""Test that a first deploy without its secret fails, and the next, with it and a second container, works."""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.local_cloud.bare import bare
from tests.local_cloud.conftest import Dev, command
from tests.local_cloud.release import resource
from tests.wait import wait_for
from tools.local_cloud import cdk, running, up
from tools.local_cloud.state import State

_SIDECAR = "import os, time; print('hello', os.environ['NAME'], flush=True); time.sleep(3600)"


def _containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    containers: list[dict[str, Any]] = resource(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    return containers


def _without_the_secret(template: dict[str, Any]) -> None:
    _containers(template)[0]["Secrets"] = [{"Name": "API_KEY", "ValueFrom": "/never/stored"}]


def _with_secret_and_sidecar(template: dict[str, Any]) -> None:
    template["Resources"]["ApiKey"] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"SecretString": '{"key": "from-the-secret"}'},
    }
    value_from = {"Fn::Join": ["", [{"Ref": "ApiKey"}, ":key::"]]}
    _containers(template)[0]["Secrets"] = [{"Name": "API_KEY", "ValueFrom": value_from}]
    _containers(template).append(
        {
            "Name": "sidecar",
            "Image": "public.ecr.aws/docker/library/python:3.13-slim",
            "Essential": False,
            "Command": ["python", "-c", _SIDECAR],
            "Environment": [{"Name": "NAME", "Value": "sidecar"}],
        }
    )


@dataclass(frozen=True)
class Deploys:
    """Two deploys to a separate emulator: their exit codes, the first one's output, and what runs now."""

    codes: tuple[int, int]
    said: str
    task: dict[str, Any]
    state: State


@pytest.fixture(scope="module")
def deploys(dev: Dev, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploys]:
    state = State(tmp_path_factory.mktemp("first") / "state")
    known = bare(state, dev.running.region, runner=True)
    cdk.bootstrap(known.cloud)
    broken = dev.make(tmp_path_factory.mktemp("broken"), edit=_without_the_secret)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        first = up.roll_out(state, known, broken)
    whole = dev.make(tmp_path_factory.mktemp("whole"), edit=_with_secret_and_sidecar)
    second = up.roll_out(state, known, whole)
    [task] = running.tasks(state)
    yield Deploys((first, second), said.getvalue(), task, state)
    known.emulator.kill()  # faster than destroying it, which other tests do
    assert command(state, "down").returncode == 0
    wait_for(
        lambda: not any(psutil.pid_exists(process["pid"]) for process in task["processes"]),
        "the end of both containers",
    )


def test_a_secret_that_cannot_be_read_fails_the_deployment(deploys: Deploys) -> None:
    assert deploys.codes[0] == 1
    assert "needs the secret API_KEY, but /never/stored cannot be read" in deploys.said


def test_a_first_deploy_that_fails_is_followed_by_one_that_works(deploys: Deploys) -> None:
    assert deploys.codes[1] == 0


def test_a_task_gets_its_secret(deploys: Deploys) -> None:
    processes = [psutil.Process(process["pid"]) for process in deploys.task["processes"]]
    [web] = [process for process in processes if "gunicorn" in process.cmdline()[1]]
    assert web.environ()["API_KEY"] == "from-the-secret"


def test_a_sidecar_runs_beside_the_service(deploys: Deploys) -> None:
    log = deploys.state.logs / f"{deploys.task['id'][:8]}-sidecar.log"
    wait_for(lambda: log.exists() and "hello sidecar" in log.read_text(), "the sidecar's first line")
