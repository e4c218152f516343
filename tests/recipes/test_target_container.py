from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_ecs as ecs
from aws_cdk.assertions import Template

from docs.recipes.target_container import send_requests_to
from tests.recipes.stacks import stack_of

IMAGE = ecs.ContainerImage.from_registry("example.com/proxy:1")


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("target-container")


@pytest.fixture
def containers(made: Template) -> dict[str, Any]:
    (task,) = made.find_resources("AWS::ECS::TaskDefinition").values()
    return {each["Name"]: each for each in task["Properties"]["ContainerDefinitions"]}


def test_the_load_balancer_sends_requests_to_the_sidecar(made: Template) -> None:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    (target,) = service["Properties"]["LoadBalancers"]
    assert (target["ContainerName"], target["ContainerPort"]) == ("login", 4180)


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_it_reaches_no_other_port(made: Template, direction: str) -> None:
    rules = made.find_resources(f"AWS::EC2::SecurityGroup{direction}").values()
    assert [(rule["Properties"]["FromPort"], rule["Properties"]["ToPort"]) for rule in rules] == [
        (4180, 4180)
    ]


def test_the_app_counts_the_sidecar_as_a_proxy(containers: dict[str, Any]) -> None:
    assert {"Name": "PROXY_HOPS", "Value": "3"} in containers["web"]["Environment"]


def test_the_sidecar_stops_before_the_app(containers: dict[str, Any]) -> None:
    assert containers["login"]["DependsOn"] == [{"ContainerName": "proxy", "Condition": "START"}]


def test_a_sidecar_that_leaves_headers_alone_is_not_counted() -> None:
    stack = stack_of("test")
    sidecar = stack.task.definition.add_container(
        "sidecar",
        image=IMAGE,
        port_mappings=[ecs.PortMapping(container_port=9000)],
        logging=ecs.LogDrivers.aws_logs(stream_prefix="sidecar", log_group=stack.task.log_group),
    )
    send_requests_to(stack, container=sidecar, adds_forwarded_for=False)
    (task,) = Template.from_stack(stack).find_resources("AWS::ECS::TaskDefinition").values()
    web = task["Properties"]["ContainerDefinitions"][0]
    assert {"Name": "PROXY_HOPS", "Value": "2"} in web["Environment"]


def test_refuses_a_container_without_a_port() -> None:
    stack = stack_of("test")
    sidecar = stack.task.definition.add_container("sidecar", image=IMAGE)
    with pytest.raises(ValueError, match="container 'sidecar' has no port"):
        send_requests_to(stack, container=sidecar, adds_forwarded_for=False)


def test_refuses_a_container_of_another_task() -> None:
    stack = stack_of("test")
    other = ecs.FargateTaskDefinition(stack, "Other").add_container(
        "sidecar", image=IMAGE, port_mappings=[ecs.PortMapping(container_port=9000)]
    )
    with pytest.raises(ValueError, match="is of another task definition: add it to Web-test's"):
        send_requests_to(stack, container=other, adds_forwarded_for=False)
