"""Test that an existing VPC is used as it is: nothing is made in it, nothing is looked up."""

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match, Template

from infra.parameters import Environment, ExistingVpc, NewLoadBalancer
from infra.stack import WebStack
from tests.infra.parts import network

VPC = ExistingVpc(
    vpc_id="vpc-0123456789abcdef0",
    cidr="10.7.0.0/16",
    public_subnet_ids=("subnet-000000a1", "subnet-000000b1"),
    private_subnet_ids=("subnet-000000a2", "subnet-000000b2"),
    task_security_group_ids=("sg-0000000d",),
)


@pytest.fixture(scope="module")
def made() -> Template:
    from infra.application import empty_app  # noqa: PLC0415 (the CDK starts when it is first used)

    environment = Environment(name="guest", network=VPC, load_balancer=NewLoadBalancer())
    return Template.from_stack(WebStack(empty_app(), "Web-guest", environment=environment))


def placement(made: Template) -> dict[str, object]:
    (service,) = made.find_resources("AWS::ECS::Service").values()
    return dict(service["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"])


def test_makes_no_network(made: Template) -> None:
    for kind in ("VPC", "Subnet", "Route", "RouteTable", "NatGateway", "InternetGateway", "VPCEndpoint"):
        made.resource_count_is(f"AWS::EC2::{kind}", 0)


def test_tasks_run_in_its_private_subnets(made: Template) -> None:
    assert placement(made)["Subnets"] == ["subnet-000000a2", "subnet-000000b2"]
    assert placement(made)["AssignPublicIp"] == "DISABLED"


def test_tasks_are_in_the_extra_groups_and_in_one_of_their_own(made: Template) -> None:
    groups = placement(made)["SecurityGroups"]
    assert isinstance(groups, list)
    assert len(groups) == 2
    assert groups[1] == "sg-0000000d"


def test_the_extra_groups_are_left_as_they_are(made: Template) -> None:
    for kind in ("SecurityGroupIngress", "SecurityGroupEgress"):
        assert "sg-0000000d" not in str(made.find_resources(f"AWS::EC2::{kind}"))


def test_the_load_balancer_is_in_its_public_subnets(made: Template) -> None:
    made.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", {"Subnets": ["subnet-000000a1", "subnet-000000b1"]}
    )


def test_tasks_may_be_in_public_subnets(stack: cdk.Stack) -> None:
    public = network(stack, VPC.model_copy(update={"tasks_in": "public"}))
    assert public.tasks_need_public_ips
    chosen = public.vpc.select_subnets(subnets=public.task_subnets.subnets).subnet_ids
    assert chosen == ["subnet-000000a1", "subnet-000000b1"]


def test_routes_that_are_not_ours_are_nothing_to_warn_of(stack: cdk.Stack) -> None:
    network(stack, VPC)
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
