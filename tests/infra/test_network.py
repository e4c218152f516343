"""Test a new VPC: its zones, addresses, ways to the internet, and logs."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from infra.parameters import Endpoints, NatGateways, NewVpc, PublicIps, RegionalNat
from tests.infra.parts import network


def template(stack: cdk.Stack, **choice: Any) -> Template:
    network(stack, NewVpc(**choice))
    return Template.from_stack(stack)


def cidrs(made: Template) -> list[str]:
    return sorted(
        subnet["Properties"]["CidrBlock"] for subnet in made.find_resources("AWS::EC2::Subnet").values()
    )


def test_spans_exactly_the_zones_it_is_given(stack: cdk.Stack) -> None:
    subnets = template(stack).find_resources("AWS::EC2::Subnet").values()
    assert sorted(subnet["Properties"]["AvailabilityZone"] for subnet in subnets) == [
        "eu-west-1a",
        "eu-west-1b",
    ]


def test_has_the_addresses_it_is_given(stack: cdk.Stack) -> None:
    made = template(stack, cidr="10.42.0.0/16", egress=NatGateways(count=1))
    made.has_resource_properties("AWS::EC2::VPC", {"CidrBlock": "10.42.0.0/16"})
    assert cidrs(made) == ["10.42.0.0/24", "10.42.1.0/24", "10.42.16.0/20", "10.42.32.0/20"]


def test_the_smallest_network_has_subnets_that_a_load_balancer_accepts(stack: cdk.Stack) -> None:
    made = template(stack, cidr="10.42.0.0/22", egress=Endpoints(), data_subnets=True)
    assert len(cidrs(made)) == 6
    assert {int(cidr.partition("/")[2]) for cidr in cidrs(made)} <= {26, 27}


def test_tasks_with_public_ips_need_no_nat_gateway_and_no_private_subnets(stack: cdk.Stack) -> None:
    made = template(stack, egress=PublicIps())
    made.resource_count_is("AWS::EC2::NatGateway", 0)
    made.resource_count_is("AWS::EC2::Subnet", 2)


def test_with_one_nat_gateway_every_private_subnet_goes_out_through_it(stack: cdk.Stack) -> None:
    made = template(stack, egress=NatGateways(count=1))
    made.resource_count_is("AWS::EC2::NatGateway", 1)
    made.resource_count_is("AWS::EC2::Subnet", 4)
    made.resource_properties_count_is(
        "AWS::EC2::Route", {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": Match.any_value()}, 2
    )


def test_a_regional_nat_gateway_serves_all_zones_and_waits_for_the_internet_gateway(stack: cdk.Stack) -> None:
    made = template(stack, egress=RegionalNat())
    made.has_resource_properties(
        "AWS::EC2::NatGateway", {"AvailabilityMode": "regional", "VpcId": Match.any_value()}
    )
    made.resource_properties_count_is("AWS::EC2::Route", {"NatGatewayId": Match.any_value()}, 2)
    (gateway,) = made.find_resources("AWS::EC2::NatGateway").values()
    (attachment,) = made.find_resources("AWS::EC2::VPCGatewayAttachment")
    assert attachment in gateway["DependsOn"]


@pytest.mark.parametrize("egress", [NatGateways(count=1), RegionalNat(), Endpoints()])
def test_images_come_to_private_subnets_without_a_charge_by_the_gigabyte(
    stack: cdk.Stack, egress: Any
) -> None:
    (s3,) = (
        each["Properties"]
        for each in template(stack, egress=egress).find_resources("AWS::EC2::VPCEndpoint").values()
        if each["Properties"]["VpcEndpointType"] == "Gateway"
    )
    assert "s3" in str(s3["ServiceName"])
    assert len(s3["RouteTableIds"]) == 4


def test_data_subnets_have_no_way_out(stack: cdk.Stack) -> None:
    made = template(stack, egress=NatGateways(count=1), data_subnets=True)
    subnets = made.find_resources("AWS::EC2::Subnet")
    assert len([logical_id for logical_id in subnets if "dataSubnet" in logical_id]) == 2
    assert len(subnets) == 6
    routes = made.find_resources("AWS::EC2::Route")
    assert routes
    assert not [logical_id for logical_id in routes if "dataSubnet" in logical_id]


def test_there_are_no_data_subnets_unless_asked_for(stack: cdk.Stack) -> None:
    assert "dataSubnet" not in str(template(stack).to_json())


def test_dual_stack_gives_ipv6_to_every_subnet_and_lets_private_ones_out_only(stack: cdk.Stack) -> None:
    made = template(stack, dual_stack=True, egress=NatGateways(count=1))
    made.resource_properties_count_is("AWS::EC2::Subnet", {"Ipv6CidrBlock": Match.any_value()}, 4)
    made.resource_properties_count_is(
        "AWS::EC2::Route",
        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": Match.any_value()},
        2,
    )


def test_there_is_no_ipv6_unless_asked_for(stack: cdk.Stack) -> None:
    template(stack).resource_count_is("AWS::EC2::VPCCidrBlock", 0)


def test_no_subnet_gives_out_public_ips_by_itself(stack: cdk.Stack) -> None:
    template(stack, egress=NatGateways(count=1)).resource_properties_count_is(
        "AWS::EC2::Subnet", {"MapPublicIpOnLaunch": True}, 0
    )


def test_closes_the_default_security_group(stack: cdk.Stack) -> None:
    template(stack).resource_count_is("Custom::VpcRestrictDefaultSG", 1)


def test_writes_flow_logs_for_the_days_asked(stack: cdk.Stack) -> None:
    made = template(stack, log_days=14)
    made.has_resource_properties("AWS::EC2::FlowLog", {"TrafficType": "ALL"})
    made.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 14})


def test_writes_no_flow_logs_unless_asked(stack: cdk.Stack) -> None:
    template(stack).resource_count_is("AWS::EC2::FlowLog", 0)


@pytest.mark.parametrize("egress", [PublicIps, NatGateways, RegionalNat, Endpoints])
def test_every_way_out_says_what_it_costs(egress: type) -> None:
    assert "Fixed cost:" in str(egress.__doc__)
