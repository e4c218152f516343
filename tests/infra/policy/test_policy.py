from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from infra.application import build_app, empty_app
from infra.parameters import Endpoints, Environment, NewVpc
from infra.policy.findings import violations_in
from infra.stack import WebStack
from tests.environments import DEV
from tests.infra.configured import template_of


@pytest.fixture
def broken(templates: dict[str, Template]) -> dict[str, Any]:
    """Return a copy of dev's template that a test may break."""
    return dict(templates["dev"].to_json())


def container(template: dict[str, Any]) -> dict[str, Any]:
    (task,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::ECS::TaskDefinition")
    every = task["Properties"]["ContainerDefinitions"]
    return dict(next(each for each in every if each["Name"] == "web"))


def set_variable(template: dict[str, Any], name: str, value: str) -> None:
    (task,) = (each for each in template["Resources"].values() if each["Type"] == "AWS::ECS::TaskDefinition")
    for container in task["Properties"]["ContainerDefinitions"]:
        for pair in container["Environment"]:
            if pair["Name"] == name:
                pair["Value"] = value


def test_finds_nothing_in_any_environment(template: Template) -> None:
    assert list(violations_in(dict(template.to_json()))) == []


def test_refuses_a_keep_alive_below_the_idle_timeout(broken: dict[str, Any]) -> None:
    set_variable(broken, "KEEPALIVE_S", "2")
    ((rule, _, sentence),) = violations_in(broken)
    assert rule == "timeouts"
    assert "clients will see random 502s" in sentence


@pytest.mark.parametrize(
    ("name", "value", "symptom"),
    [
        ("HEADER_LINE_BYTES", "8192", "the load balancer passes on 16384: visitors with many cookies"),
        (
            "GUNICORN_HEADER_LINE_BYTES",
            "8190",
            "Gunicorn takes headers of 8190 bytes, and the proxy passes on 17408",
        ),
    ],
)
def test_refuses_sizes_that_disagree(broken: dict[str, Any], name: str, value: str, symptom: str) -> None:
    set_variable(broken, name, value)
    sentences = [each.sentence for each in violations_in(broken) if each.rule == "sizes"]
    assert any(symptom in sentence for sentence in sentences)


def test_refuses_bodies_of_two_sizes(broken: dict[str, Any]) -> None:
    for pair in container(broken)["Environment"]:
        if pair["Name"] == "MAX_CONTENT_LENGTH_BYTES":
            pair["Value"] = "1000"
    ((rule, _, sentence),) = violations_in(broken)
    assert (rule, "and the app of 1000" in sentence) == ("sizes", True)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["flask", "run", "--host", "0.0.0.0"], "flask run --host 0.0.0.0"),
        (["python", "-m", "flask", "run"], "python -m flask run"),
        (["sh", "-c", "flask db upgrade; exec flask run"], "exec flask run"),
    ],
)
def test_refuses_the_development_server(broken: dict[str, Any], command: list[str], found: str) -> None:
    container(broken)["Command"][:] = command
    (sentence,) = (each.sentence for each in violations_in(broken) if each.rule == "dev-server")
    assert f"runs the development server ('{found}')" in sentence
    assert "use Gunicorn" in sentence


@pytest.mark.parametrize(
    "command",
    [
        ["flask", "--app", "service:create_app()", "db", "upgrade"],
        ["python", "-m", "flask", "db", "upgrade"],
        ["flask", "--app", "service:create_app()", "run-jobs"],
    ],
)
def test_other_commands_of_flask_are_none_of_its_business(broken: dict[str, Any], command: list[str]) -> None:
    container(broken)["Command"][:] = command
    assert list(violations_in(broken)) == []


def test_refuses_the_development_server_as_release_command() -> None:
    made = template_of(release_command=("flask", "--app", "service:create_app()", "run"))
    ((rule, _, sentence),) = violations_in(dict(made.to_json()))
    assert rule == "dev-server"
    assert sentence.startswith("container 'release' runs the development server")


def test_refuses_the_development_servers_variables(broken: dict[str, Any]) -> None:
    container(broken)["Environment"].append({"Name": "FLASK_DEBUG", "Value": "1"})
    ((rule, _, sentence),) = violations_in(broken)
    assert rule == "dev-server"
    assert "sets FLASK_DEBUG" in sentence


def test_an_override_in_code_fails_the_synth_too() -> None:
    app = build_app(DEV)
    task = app.node.find_child("Web-dev").node.find_child("Task").node.find_child("Definition")
    definition = task.node.default_child
    assert isinstance(definition, cdk.CfnResource)
    definition.add_property_override("ContainerDefinitions.0.StopTimeout", 10)
    with pytest.raises(RuntimeError, match="ECS will kill requests that Gunicorn is still finishing"):
        app.synth()


def test_a_resource_that_breaks_aws_solutions_fails_the_synth() -> None:
    app = build_app(DEV)
    s3.Bucket(cdk.Stack.of(app.node.find_child("Web-dev")), "Careless")
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.synth()


def endpoints_only(services: tuple[str, ...] = ()) -> dict[str, Any]:
    environment = Environment(name="closed", network=NewVpc(egress=Endpoints(services=services)))
    stack = WebStack(empty_app(), "Web-closed", environment=environment)
    return dict(Template.from_stack(stack).to_json())


def without(template: dict[str, Any], type_name: str, sign: str) -> None:
    for logical_id, resource in list(template["Resources"].items()):
        if resource["Type"] == type_name and sign in str(resource):
            del template["Resources"][logical_id]


def test_tasks_behind_all_endpoints_need_no_internet() -> None:
    assert list(violations_in(endpoints_only())) == []


@pytest.mark.parametrize("endpoint", ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "s3"])
def test_refuses_tasks_that_lack_an_endpoint(endpoint: str) -> None:
    template = endpoints_only()
    without(template, "AWS::EC2::VPCEndpoint", f".{endpoint}'")
    ((rule, _, sentence),) = violations_in(template)
    assert rule == "way-out"
    assert f"no endpoint for {endpoint}: they could not pull their image" in sentence


def test_refuses_exec_that_cannot_reach_its_endpoint() -> None:
    template, more = endpoints_only(), endpoints_only(("ssmmessages",))
    for each in (template, more):
        (service,) = (x for x in each["Resources"].values() if x["Type"] == "AWS::ECS::Service")
        service["Properties"]["EnableExecuteCommand"] = True
    assert "no endpoint for ssmmessages" in str(list(violations_in(template)))
    assert list(violations_in(more)) == []


def test_refuses_public_subnets_without_public_ips(broken: dict[str, Any]) -> None:
    (service,) = (each for each in broken["Resources"].values() if each["Type"] == "AWS::ECS::Service")
    service["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] = "DISABLED"
    ((rule, _, sentence),) = violations_in(broken)
    assert rule == "way-out"
    assert "have no way to the internet" in sentence


def test_refuses_private_subnets_without_their_nat_gateway(templates: dict[str, Template]) -> None:
    template = dict(templates["prod"].to_json())
    without(template, "AWS::EC2::Route", "NatGatewayId")
    assert {rule for rule, _, _ in violations_in(template)} == {"way-out"}
