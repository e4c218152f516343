"""What a team adds to the task definition next: a secret and a second container."""

from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.local_cloud.conftest import Dev
from tests.local_cloud.release import resource
from tests.local_cloud.wait import wait_for

_SIDECAR = "import os, time; print('hello', os.environ['NAME'], flush=True); time.sleep(3600)"


def _add_both(template: dict[str, Any]) -> None:
    template["Resources"]["ApiKey"] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"SecretString": '{"key": "from-the-secret"}'},
    }
    containers = resource(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    value_from = {"Fn::Join": ["", [{"Ref": "ApiKey"}, ":key::"]]}
    containers[0]["Secrets"] = [{"Name": "API_KEY", "ValueFrom": value_from}]
    containers.append(
        {
            "Name": "sidecar",
            "Image": "public.ecr.aws/docker/library/python:3.13-slim",
            "Essential": False,
            "Command": ["python", "-c", _SIDECAR],
            "Environment": [{"Name": "NAME", "Value": "sidecar"}],
        }
    )


def test_a_task_gets_its_secret_and_its_sidecar(dev: Dev, tmp_path: Path) -> None:
    dev.scaled(1)
    try:
        assert dev.roll_out(dev.make(tmp_path, edit=_add_both)) == 0
        [task] = dev.tasks
        log = dev.state.logs / f"{task['id'][:8]}-sidecar.log"
        wait_for(lambda: log.exists() and "hello sidecar" in log.read_text(), "the sidecar's first line")
        processes = [psutil.Process(process["pid"]) for process in task["processes"]]
        web = next(process for process in processes if "gunicorn" in " ".join(process.cmdline()))
        assert web.environ()["API_KEY"] == "from-the-secret"
    finally:
        assert dev.roll_out(dev.state.assembly) == 0
    wait_for(lambda: not any(process.is_running() for process in processes), "the end of both containers")


def _ask_for_a_secret_that_is_not_there(template: dict[str, Any]) -> None:
    [container] = resource(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    container["Secrets"] = [{"Name": "API_KEY", "ValueFrom": "/never/stored"}]


def test_a_secret_that_is_not_there_fails_the_deployment(
    dev: Dev, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dev.scaled(1)
    before = {task["id"] for task in dev.tasks}
    assert dev.roll_out(dev.make(tmp_path, edit=_ask_for_a_secret_that_is_not_there)) == 1
    assert "needs the secret API_KEY, but /never/stored cannot be read" in capfd.readouterr().out
    assert {task["id"] for task in dev.tasks} == before
