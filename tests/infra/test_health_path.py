"""Test that the load balancer, the service and the proxy agree on the path of the health check."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.parameters import Environment, HealthCheck
from infra.task.proxy import SOURCES
from tests.infra.configured import container, template_of


def path_in(definition: dict[str, Any]) -> str | None:
    return {pair["Name"]: pair["Value"] for pair in definition["Environment"]}.get("HEALTH_PATH")


def test_nobody_is_told_of_the_usual_path() -> None:
    made = template_of()
    assert [path_in(container(made, name)) for name in ("web", "proxy")] == [None, None]


@pytest.mark.parametrize("proxy", ["nginx", "apache"])
def test_service_and_proxy_are_told_of_another_path(proxy: str) -> None:
    made = template_of(proxy=proxy, health_check=HealthCheck(path="/alive"))
    assert path_in(container(made)) == "/alive"
    assert path_in(container(made, "proxy")) == "/alive"
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::TargetGroup", {"HealthCheckPath": "/alive"})


def test_no_configuration_of_a_proxy_has_a_path_of_its_own() -> None:
    for configuration in SOURCES.glob("*/*.conf"):
        assert "healthz" not in configuration.read_text()


@pytest.mark.parametrize("path", ["/", "/readyz", "/version"])
def test_a_path_that_answers_something_else_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="must be a path of its own"):
        HealthCheck(path=path)


@pytest.mark.parametrize("path", ["healthz", "/a b", "/a;b", "/a{b", "/a?b=1", "/" + 1024 * "a"])
def test_a_path_that_nginx_or_a_load_balancer_would_not_take_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="must be a path such as /healthz"):
        HealthCheck(path=path)


def test_the_variable_is_not_the_teams_to_set() -> None:
    with pytest.raises(ValidationError, match="HEALTH_PATH, which follows from other parameters"):
        Environment(name="test", variables={"HEALTH_PATH": "/alive"})
