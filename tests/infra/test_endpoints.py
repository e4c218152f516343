"""Test that tasks without the internet reach the AWS services that they need to start."""

from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Match, Template

from infra.parameters import Endpoints, NewVpc
from tests.infra.parts import network, open_to


def template(stack: cdk.Stack, *services: str) -> Template:
    network(stack, NewVpc(egress=Endpoints(services=services)))
    return Template.from_stack(stack)


def interfaces(made: Template) -> dict[str, dict[str, Any]]:
    """Return the interface endpoints by the service that they reach."""
    return {
        each["Properties"]["ServiceName"].removeprefix("com.amazonaws.eu-west-1."): each["Properties"]
        for each in made.find_resources("AWS::EC2::VPCEndpoint").values()
        if each["Properties"]["VpcEndpointType"] == "Interface"
    }


def test_a_task_finds_its_image_its_secrets_and_its_log(stack: cdk.Stack) -> None:
    assert set(interfaces(template(stack))) == {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm"}


def test_there_may_be_more_and_each_is_made_once(stack: cdk.Stack) -> None:
    assert set(interfaces(template(stack, "sqs", "logs"))) - {
        "ecr.api",
        "ecr.dkr",
        "secretsmanager",
        "ssm",
    } == {
        "sqs",
        "logs",
    }


def test_they_are_in_every_zone_under_the_services_own_names(stack: cdk.Stack) -> None:
    for endpoint in interfaces(template(stack)).values():
        assert len(endpoint["SubnetIds"]) == 2
        assert endpoint["PrivateDnsEnabled"] is True


def test_they_answer_the_vpc_alone(stack: cdk.Stack) -> None:
    assert open_to(template(stack), "Endpoints") == {("10.0.0.0/16", 443)}


def test_there_is_no_way_to_the_internet(stack: cdk.Stack) -> None:
    made = template(stack)
    made.resource_count_is("AWS::EC2::NatGateway", 0)
    routes = made.find_resources("AWS::EC2::Route", {"Properties": {"GatewayId": Match.any_value()}})
    assert routes
    assert [logical_id for logical_id in made.find_resources("AWS::EC2::Subnet") if "private" in logical_id]
    assert not [logical_id for logical_id in routes if "private" in logical_id]
