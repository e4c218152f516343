"""Test that tools tell the web service from the services beside it."""

import signal
import subprocess
import sys
from typing import Any
from unittest.mock import Mock

import pytest

from tools import run, summary
from tools.assembly import services, variables, web_container, web_service
from tools.review import numbers


def _task(name: str) -> dict[str, Any]:
    container = {
        "Name": name,
        "Command": ["true"],
        "Environment": [
            {"Name": "PORT", "Value": "0"},
            {"Name": "QUEUE_URL", "Value": {"Ref": "Queue"}},
        ],
    }
    return {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "Cpu": "256",
            "Memory": "512",
            "RuntimePlatform": {"CpuArchitecture": "ARM64"},
            "ContainerDefinitions": [container],
        },
    }


def _service(task: str, **properties: Any) -> dict[str, Any]:
    network = {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}
    return {
        "Type": "AWS::ECS::Service",
        "Properties": {"TaskDefinition": {"Ref": task}, "NetworkConfiguration": network, **properties},
    }


def _bounds(service: str, least: int, most: int) -> dict[str, Any]:
    resource = {"Fn::Join": ["", ["service/", {"Fn::GetAtt": [service, "Name"]}]]}
    properties = {"ResourceId": resource, "MinCapacity": least, "MaxCapacity": most}
    return {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": properties}


@pytest.fixture
def template() -> dict[str, Any]:
    """Return a template with a worker, which comes first, and the web service."""
    return {
        "Resources": {
            "WorkerService1A2B3C4D": _service("WorkerTask"),
            "WebService1A2B3C4D": _service("WebTask", LoadBalancers=[{"ContainerName": "web"}]),
            "WorkerTask": _task("worker"),
            "WebTask": _task("web"),
            "WorkerBounds": _bounds("WorkerService1A2B3C4D", 1, 8),
            "WebBounds": _bounds("WebService1A2B3C4D", 2, 4),
        },
        "Outputs": {"Url": {"Value": "https://www.example.com"}},
    }


def test_the_web_service_has_a_load_balancer(template: dict[str, Any]) -> None:
    assert [each.logical_id for each in services(template)] == ["WebService1A2B3C4D", "WorkerService1A2B3C4D"]
    assert web_container(template)["Name"] == "web"


def test_the_stacks_output_decides_between_two_with_a_load_balancer(template: dict[str, Any]) -> None:
    worker = template["Resources"]["WorkerService1A2B3C4D"]["Properties"]
    worker["LoadBalancers"] = [{"ContainerName": "worker"}]
    name = {"Fn::GetAtt": ["WebService1A2B3C4D", "Name"]}
    template["Outputs"]["ServiceName"] = {"Value": name}
    assert web_service(template).logical_id == "WebService1A2B3C4D"


def test_each_service_has_its_own_bounds(template: dict[str, Any]) -> None:
    assert [(each.min_tasks, each.max_tasks) for each in services(template)] == [(2, 4), (1, 8)]


def test_a_value_that_only_a_deployment_knows_is_no_variable(template: dict[str, Any]) -> None:
    assert variables(web_container(template)) == {"PORT": "0"}


def test_the_summary_shows_the_others_beside_the_web_service(template: dict[str, Any]) -> None:
    facts = summary.facts(template)
    assert (facts["tasks"], facts["beside it"]) == ("2-4", "WorkerService 1-8")


def test_the_summary_has_no_such_line_without_others(template: dict[str, Any]) -> None:
    del template["Resources"]["WorkerService1A2B3C4D"]
    assert "beside it" not in summary.facts(template)


def test_the_review_tells_the_numbers_of_each_service(template: dict[str, Any]) -> None:
    found = numbers.numbers(template)
    assert (found["tasks, max"], found["WorkerService: tasks, max"]) == ("4", "8")


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ({}, "it is not set; QUEUE_URL=... make run sets it"),
        ({"QUEUE_URL": "http://queue"}, "your shell's value is used"),
    ],
)
def test_run_leaves_out_what_only_a_deployment_knows_and_says_so(
    template: dict[str, Any],
    shell: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[dict[str, str]] = []

    def start(*_command: Any, env: dict[str, str], **_rest: Any) -> Mock:
        ran.append(env)
        return Mock(stdout=(), returncode=0)

    containers = template["Resources"]["WebTask"]["Properties"]["ContainerDefinitions"]
    containers.append({"Name": "proxy", "Environment": [{"Name": "PORT", "Value": "0"}]})
    monkeypatch.setattr(run, "templates", lambda: {"dev": template})
    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.setattr(signal, "signal", lambda _number, _handler: None)
    monkeypatch.setattr(sys, "argv", ["run", "dev"])
    monkeypatch.delenv("QUEUE_URL", raising=False)
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=r"^0$"):
        run.main()
    [environment, _proxys] = ran
    assert environment.get("QUEUE_URL") == shell.get("QUEUE_URL")
    assert f"QUEUE_URL has a value only once the stack is deployed. Here {said}" in capsys.readouterr().err


def test_the_summary_says_what_a_month_costs_with_the_fewest_and_the_most_tasks(
    template: dict[str, Any],
) -> None:
    fewest, most = summary.monthly(template, region="eu-west-1").split("-")
    assert 0 < int(fewest) < int(most)
