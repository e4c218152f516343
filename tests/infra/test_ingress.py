"""Test who may reach the load balancer."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.parameters import Cidrs, InsideVpc, Internet, NewLoadBalancer, NewVpc
from tests.infra.parts import front_door, network, open_to


def template(stack: cdk.Stack, ingress: Any, **vpc: Any) -> Template:
    return front_door(stack, network(stack, NewVpc(**vpc)), choice=NewLoadBalancer(ingress=ingress))


def sources(made: Template) -> set[tuple[str, int]]:
    return open_to(made, "The load balancer")


def test_a_public_website_is_open_to_everyone_on_its_two_ports(stack: cdk.Stack) -> None:
    assert sources(template(stack, Internet())) == {("0.0.0.0/0", 443), ("0.0.0.0/0", 80)}


def test_with_ipv6_it_is_open_to_everyone_there_too(stack: cdk.Stack) -> None:
    made = template(stack, Internet(), dual_stack=True)
    assert sources(made) >= {("::/0", 443), ("0.0.0.0/0", 443)}
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::LoadBalancer", {"IpAddressType": "dualstack"})


def test_an_office_alone_may_be_let_in(stack: cdk.Stack) -> None:
    made = template(stack, Cidrs(cidrs=("203.0.113.0/24", "2001:db8::/32")))
    assert {source for source, _ in sources(made)} == {"203.0.113.0/24", "2001:db8::/32"}
    made.has_resource_properties("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internet-facing"})


def test_an_internal_service_has_no_public_address(stack: cdk.Stack) -> None:
    template(stack, InsideVpc()).has_resource_properties(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"}
    )


def test_an_internal_service_admits_the_vpc_and_networks_joined_to_it(stack: cdk.Stack) -> None:
    made = template(stack, InsideVpc(cidrs=("172.16.0.0/12",)), cidr="10.9.0.0/16")
    assert {source for source, _ in sources(made)} == {"10.9.0.0/16", "172.16.0.0/12"}


@pytest.mark.parametrize("ingress", [Internet(), Cidrs(cidrs=("203.0.113.0/24",)), InsideVpc()])
def test_the_load_balancer_reaches_nothing_by_itself(stack: cdk.Stack, ingress: Any) -> None:
    for group in template(stack, ingress).find_resources("AWS::EC2::SecurityGroup").values():
        assert group["Properties"]["SecurityGroupEgress"] == [
            {
                "CidrIp": "255.255.255.255/32",
                "Description": "Disallow all traffic",
                "FromPort": 252,
                "IpProtocol": "icmp",
                "ToPort": 86,
            }
        ]
