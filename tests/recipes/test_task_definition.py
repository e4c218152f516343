import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from docs.recipes.task_definition import _asks, override, override_task, restart_in_place
from tests.recipes.stacks import stack_of

KIND = "AWS::ECS::TaskDefinition"


@pytest.fixture
def task(template: Callable[[str], Template]) -> dict[str, Any]:
    (task,) = template("task-definition").find_resources(KIND).values()
    return dict(task["Properties"])


def container(task: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in task["ContainerDefinitions"] if each["Name"] == name)
    return dict(found)


def test_a_container_gets_another_entry_point_and_keeps_its_command(task: dict[str, Any]) -> None:
    web = container(task, "web")
    assert web["EntryPoint"] == ["/opt/agent/wrap"]
    assert web["Command"][0] == "gunicorn"


def test_any_property_of_the_task_definition_can_be_set(task: dict[str, Any]) -> None:
    assert task["PidMode"] == "task"


def test_a_property_can_be_taken_away() -> None:
    stack = stack_of("test")
    override_task(stack, "EphemeralStorage", {"SizeInGiB": 30})
    override_task(stack, "EphemeralStorage", None)
    (task,) = Template.from_stack(stack).find_resources(KIND).values()
    assert "EphemeralStorage" not in task["Properties"]


def test_more_files_may_be_open(task: dict[str, Any]) -> None:
    (limit,) = container(task, "web")["Ulimits"]
    assert limit == {"Name": "nofile", "SoftLimit": 65535, "HardLimit": 65535}


def test_containers_may_have_labels(task: dict[str, Any]) -> None:
    assert container(task, "web")["DockerLabels"] == {"com.example.team": "shop"}


def test_a_container_may_be_restarted_in_place(task: dict[str, Any]) -> None:
    assert container(task, "proxy")["RestartPolicy"] == {"Enabled": True, "RestartAttemptPeriod": 300}


def test_ecs_asks_gunicorn_itself(task: dict[str, Any]) -> None:
    check = container(task, "web")["HealthCheck"]
    assert check["Command"][:3] == ["CMD", "python", "-c"]
    assert "'http://127.0.0.1:8001/healthz'" in check["Command"][3]
    assert {key: value for key, value in check.items() if key != "Command"} == {
        "Interval": 30,
        "Timeout": 5,
        "Retries": 3,
        "StartPeriod": 60,
    }


def test_what_is_added_afterwards_is_not_lost() -> None:
    stack = stack_of("test")
    override(stack, "web", EntryPoint=["/opt/agent/wrap"])
    stack.task.web.add_docker_label("later", "1")
    stack.task.definition.add_container(
        "later",
        image=ecs.ContainerImage.from_registry("example.com/later:1"),
        logging=ecs.LogDrivers.aws_logs(stream_prefix="later", log_group=stack.task.log_group),
    )
    (task,) = Template.from_stack(stack).find_resources(KIND).values()
    assert container(task["Properties"], "web")["DockerLabels"] == {"later": "1"}
    assert container(task["Properties"], "later")


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (204, True), (404, False), (503, False)])
def test_only_a_good_answer_is_healthy(url: str, status: int, healthy: bool) -> None:
    code = _asks(f"{url}/{status}", timeout_s=2)
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (asked.returncode == 0) is healthy


def test_no_answer_is_not_healthy() -> None:
    code = _asks("http://127.0.0.1:1/", timeout_s=2)
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode


def test_refuses_an_unknown_container_and_names_the_known() -> None:
    with pytest.raises(ValueError, match="no container 'app': choose one of web, proxy"):
        override(stack_of("test"), "app", Command=["true"])


@pytest.mark.parametrize("ran_s", [59, 1801])
def test_refuses_a_restart_that_ecs_does_not_know(ran_s: int) -> None:
    with pytest.raises(ValueError, match=f"ran_s is {ran_s}: ECS takes 60 to 1800"):
        restart_in_place(stack_of("test"), container="web", ran_s=ran_s)
