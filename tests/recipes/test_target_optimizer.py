from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk.assertions import Template

from docs.recipes.target_optimizer import cap_requests
from infra.parameters import Endpoints, NewVpc, Routing, Tasks
from tests.recipes.stacks import HTTPS, stack_of


@pytest.fixture
def made(template: Callable[[str], Template]) -> Template:
    return template("target-optimizer")


@pytest.fixture
def agent(made: Template) -> dict[str, Any]:
    (task,) = made.find_resources("AWS::ECS::TaskDefinition").values()
    *_, agent = task["Properties"]["ContainerDefinitions"]
    return dict(agent)


def test_a_task_gets_no_more_requests_than_it_has_threads(agent: dict[str, Any]) -> None:
    variables = {pair["Name"]: pair["Value"] for pair in agent["Environment"]}
    tasks = Tasks()
    cap = tasks.gunicorn_workers * tasks.gunicorn_threads
    assert variables["TARGET_CONTROL_MAX_CONCURRENCY"] == str(cap)


def test_the_agent_stands_between_the_load_balancer_and_gunicorn(
    made: Template, agent: dict[str, Any]
) -> None:
    variables = {pair["Name"]: pair["Value"] for pair in agent["Environment"]}
    (service,) = made.find_resources("AWS::ECS::Service").values()
    (target,) = service["Properties"]["LoadBalancers"]
    assert target["ContainerName"] == agent["Name"]
    assert variables["TARGET_CONTROL_DATA_ADDRESS"] == f"0.0.0.0:{target['ContainerPort']}"
    assert variables["TARGET_CONTROL_DESTINATION_ADDRESS"] == "127.0.0.1:8000"


def test_the_load_balancer_talks_to_it_at_the_control_port(made: Template, agent: dict[str, Any]) -> None:
    (group,) = made.find_resources("AWS::ElasticLoadBalancingV2::TargetGroup").values()
    port = group["Properties"]["TargetControlPort"]
    assert {"Name": "TARGET_CONTROL_CONTROL_ADDRESS", "Value": f"0.0.0.0:{port}"} in agent["Environment"]
    for direction in ("Ingress", "Egress"):
        rules = made.find_resources(f"AWS::EC2::SecurityGroup{direction}").values()
        assert {rule["Properties"]["FromPort"] for rule in rules} == {8080, port}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"routing": Routing(sticky_s=60)}, "routing.sticky_s is 60, which binds clients to a task"),
        ({"tls_to_tasks": True}, "the agent passes requests on in plain HTTP"),
        ({"network": NewVpc(egress=Endpoints())}, "network.egress is Endpoints, by which tasks cannot pull"),
        (
            {"tasks": Tasks(cpu=4096, memory_mib=16384, workers=20, threads=60)},
            "workers times threads is 1200, and the agent takes 1000",
        ),
    ],
)
def test_refuses_what_does_not_go_with_it(values: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        cap_requests(stack_of("test", **HTTPS, **values))


def test_takes_an_image_that_endpoints_reach() -> None:
    stack = stack_of("test", **HTTPS, network=NewVpc(egress=Endpoints()))
    cap_requests(stack, image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/agent:1")
