"""Give data a VPC of its own without a way out, or the private subnets of a VPC that exists."""

from collections.abc import Sequence
from typing import NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import ExistingVpc, NewVpc


class DataNetwork(NamedTuple):
    """A VPC and subnets in it; `own` is the VPC where it was made for the data alone."""

    vpc: ec2.IVpc
    subnets: Sequence[ec2.ISubnet]
    own: ec2.Vpc | None


def data_network(
    scope: Construct,
    *,
    network: NewVpc | ExistingVpc,
    cidr: str,
    availability_zones: Sequence[str],
    no_flow_logs: str,
) -> DataNetwork:
    """Return where data is put; `no_flow_logs` says why nobody writes down who sends to whom there."""
    if isinstance(network, ExistingVpc):
        vpc = ec2.Vpc.from_vpc_attributes(
            scope,
            "Vpc",
            vpc_id=network.vpc_id,
            vpc_cidr_block=network.cidr,
            availability_zones=list(availability_zones),
            private_subnet_ids=list(network.private_subnet_ids),
        )
        for subnet in vpc.private_subnets:
            cdk.Annotations.of(subnet).acknowledge_warning("@aws-cdk/aws-ec2:noSubnetRouteTableId")
        return DataNetwork(vpc, vpc.private_subnets, None)
    own = ec2.Vpc(
        scope,
        "Vpc",
        ip_addresses=ec2.IpAddresses.cidr(cidr),
        availability_zones=list(availability_zones),
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=27)
        ],
        restrict_default_security_group=True,
    )
    acknowledge(
        own,
        rule="CloudFormation-Validate::W3010",
        reason="The zones are parameters: to look them up, a synth would need an AWS account.",
    )
    acknowledge(own, rule="AwsSolutions-VPC7", reason=no_flow_logs)
    return DataNetwork(own, own.isolated_subnets, own)
