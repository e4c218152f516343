"""Infra and service agree in every environment of the team, whatever its sizes and timeouts are."""

import runpy
from typing import Any

import pytest
from flask import Flask
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from infra.parameters import SharedLoadBalancer, timeout_conflicts
from service.kit import ServerSettings, Settings, init_app
from tests.project.conftest import ROOT, STACKS
from tools.assembly import Template, of_type, web_container, web_service
from tools.environments import find

# Read by itself, as Gunicorn's configuration does: the app's packages are in another environment.
TeamSettings: type[BaseSettings] = runpy.run_path(str(ROOT / "service" / "app" / "settings.py"))["Settings"]


def given(container: dict[str, Any]) -> dict[str, str]:
    """Return the variables whose values are known before a deployment."""
    pairs = {pair["Name"]: pair["Value"] for pair in container["Environment"]}
    return {name: value for name, value in pairs.items() if isinstance(value, str)}


def known_later(container: dict[str, Any]) -> set[str]:
    """Return the variables whose values AWS alone knows: secrets, and names of resources."""
    everything = {pair["Name"] for pair in (*container["Environment"], *container.get("Secrets", []))}
    return everything - given(container).keys()


def balanced(template: Template) -> dict[str, Any]:
    """Return the service that is behind the load balancer."""
    (service,) = (each for each in of_type(template, "AWS::ECS::Service") if each.get("LoadBalancers"))
    return dict(service)


def set_variables(monkeypatch: pytest.MonkeyPatch, container: dict[str, Any]) -> None:
    for model in (ServerSettings, TeamSettings):
        for name in model.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
    for name, value in given(container).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("model", [ServerSettings, TeamSettings])
def test_the_variables_are_settings_that_the_service_accepts(
    monkeypatch: pytest.MonkeyPatch, container: dict[str, Any], model: type[BaseSettings]
) -> None:
    set_variables(monkeypatch, container)
    wrong: dict[str, str] = {}
    try:
        model()
    except ValidationError as error:
        wrong = {str(each["loc"][0]).upper(): each["msg"] for each in error.errors()}
    assert {name: why for name, why in wrong.items() if name not in known_later(container)} == {}


def test_the_health_check_is_answered_as_the_load_balancer_expects(
    monkeypatch: pytest.MonkeyPatch, template: Template, container: dict[str, Any]
) -> None:
    set_variables(monkeypatch, container)
    app = Flask("probe")
    init_app(app, Settings())
    for balancer in balanced(template)["LoadBalancers"]:
        target_group = template["Resources"][balancer["TargetGroupArn"]["Ref"]]["Properties"]
        answer = app.test_client().get(target_group["HealthCheckPath"])
        assert str(answer.status_code) == target_group["Matcher"]["HttpCode"]


def test_the_load_balancer_sends_where_a_container_listens(template: Template) -> None:
    containers = {each["Name"]: each for each in web_service(template).task["ContainerDefinitions"]}
    for balancer in balanced(template)["LoadBalancers"]:
        front = containers[balancer["ContainerName"]]
        ports = [mapping["ContainerPort"] for mapping in front["PortMappings"]]
        assert balancer["ContainerPort"] in ports


def test_all_containers_refuse_bodies_above_the_same_size(template: Template) -> None:
    limits = {
        given(each)["MAX_CONTENT_LENGTH_BYTES"]
        for each in web_service(template).task["ContainerDefinitions"]
        if "MAX_CONTENT_LENGTH_BYTES" in given(each)
    }
    assert len(limits) == 1


@pytest.mark.parametrize("name", STACKS)
def test_the_timeouts_leave_each_other_enough_time(
    monkeypatch: pytest.MonkeyPatch, made: dict[str, Template], name: str
) -> None:
    environment, balancer = find(name), find(name).load_balancer
    timeouts = environment.timeouts
    if isinstance(balancer, SharedLoadBalancer):
        timeouts = timeouts.behind(find(balancer.owner).timeouts)
    container = web_container(made[name])
    set_variables(monkeypatch, container)
    running = ServerSettings()
    assert (
        timeout_conflicts(
            alb_idle_s=timeouts.alb_idle_s,
            keepalive_s=None,
            deregistration_delay_s=timeouts.deregistration_delay_s,
            gunicorn_graceful_timeout_s=running.gunicorn_graceful_timeout_s,
            lame_duck_s=running.lame_duck_s,
            stop_timeout_s=container["StopTimeout"],
        )
        == []
    )


def test_containers_fit_into_their_task(template: Template) -> None:
    task = web_service(template).task
    containers = task["ContainerDefinitions"]
    assert sum(each.get("Cpu", 0) for each in containers) <= int(task["Cpu"])
    assert sum(each.get("MemoryReservation", 0) for each in containers) <= int(task["Memory"])
    assert web_container(template)["Essential"]
