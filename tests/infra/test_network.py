from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Match, Template

from infra.network import Network


def network(stack: cdk.Stack, **changes: Any) -> Template:
    values: dict[str, Any] = {
        "availability_zones": ["eu-west-1a", "eu-west-1b"],
        "nat_gateways": 0,
        "flow_log_days": None,
        "removal_policy": cdk.RemovalPolicy.DESTROY,
    }
    Network(stack, "Network", **{**values, **changes})
    return Template.from_stack(stack)


def test_spans_exactly_the_zones_it_is_given(stack: cdk.Stack) -> None:
    subnets = network(stack).find_resources("AWS::EC2::Subnet").values()
    assert sorted(subnet["Properties"]["AvailabilityZone"] for subnet in subnets) == [
        "eu-west-1a",
        "eu-west-1b",
    ]


def test_without_nat_gateways_there_are_no_private_subnets(stack: cdk.Stack) -> None:
    template = network(stack)
    template.resource_count_is("AWS::EC2::NatGateway", 0)
    template.resource_count_is("AWS::EC2::Subnet", 2)


def test_with_one_nat_gateway_every_private_subnet_goes_out_through_it(stack: cdk.Stack) -> None:
    template = network(stack, nat_gateways=1)
    template.resource_count_is("AWS::EC2::NatGateway", 1)
    template.resource_count_is("AWS::EC2::Subnet", 4)
    template.resource_properties_count_is(
        "AWS::EC2::Route", {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": Match.any_value()}, 2
    )


def test_no_subnet_gives_out_public_ips_by_itself(stack: cdk.Stack) -> None:
    network(stack, nat_gateways=1).resource_properties_count_is(
        "AWS::EC2::Subnet", {"MapPublicIpOnLaunch": True}, 0
    )


def test_closes_the_default_security_group(stack: cdk.Stack) -> None:
    network(stack).resource_count_is("Custom::VpcRestrictDefaultSG", 1)


def test_writes_flow_logs_for_the_days_asked(stack: cdk.Stack) -> None:
    template = network(stack, flow_log_days=14)
    template.has_resource_properties("AWS::EC2::FlowLog", {"TrafficType": "ALL"})
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 14})


def test_writes_no_flow_logs_unless_asked(stack: cdk.Stack) -> None:
    network(stack).resource_count_is("AWS::EC2::FlowLog", 0)
