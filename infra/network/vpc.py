"""Create a VPC with the subnets, ways out and flow log that the environment asks for."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_groups import log_group
from infra.parameters import (
    EXEC_ENDPOINT,
    TASK_ENDPOINTS,
    Endpoints,
    NatGateways,
    NewVpc,
    PublicIps,
    RegionalNat,
    subnet_prefixes,
)


class Vpc(ec2.Vpc):
    """A VPC that has subnets `public`, `private` unless tasks have public IPs, and `data` on request."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: NewVpc,
        execute_command: bool,
        availability_zones: Sequence[str],
        removal_policy: RemovalPolicy,
    ) -> None:
        egress = choice.egress
        super().__init__(
            scope,
            id,
            ip_addresses=ec2.IpAddresses.cidr(choice.cidr),
            ip_protocol=ec2.IpProtocol.DUAL_STACK if choice.dual_stack else ec2.IpProtocol.IPV4_ONLY,
            availability_zones=list(availability_zones),
            nat_gateways=egress.count if isinstance(egress, NatGateways) else None,
            nat_gateway_provider=ec2.NatProvider.regional_gateway()
            if isinstance(egress, RegionalNat)
            else None,
            subnet_configuration=_subnets(choice),
            restrict_default_security_group=True,
        )
        self.endpoints: list[ec2.IVpcEndpoint] = []
        if isinstance(egress, RegionalNat):
            # The NAT gateway needs an attached internet gateway; the L2 waits only until it exists.
            gateway, attachment = self.node.find_child("RegionalNatGateway"), self.node.find_child("VPCGW")
            gateway.node.add_dependency(attachment)
        acknowledge(
            self,
            rule="CloudFormation-Validate::W3010",
            reason="The zones are parameters: to look them up, a synth would need an AWS account.",
        )
        if not isinstance(egress, PublicIps):
            # The endpoint is free, and image layers come through it instead of a NAT gateway, paid by the GB.
            s3 = self.add_gateway_endpoint("s3", service=ec2.GatewayVpcEndpointAwsService.S3)
            self.endpoints.append(s3)
        if isinstance(egress, Endpoints):
            services = (*TASK_ENDPOINTS, *((EXEC_ENDPOINT,) if execute_command else ()), *egress.services)
            self._add_endpoints(choice.cidr, services)
        self._log_flows(choice.log_days, removal_policy)

    def _add_endpoints(self, cidr: str, services: Sequence[str]) -> None:
        group = ec2.SecurityGroup(
            self,
            "EndpointGroup",
            vpc=self,
            allow_all_outbound=False,
            description="Endpoints of AWS services, open to the VPC",
        )
        group.add_ingress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443))
        for service in dict.fromkeys(services):
            self.endpoints.append(
                self.add_interface_endpoint(
                    service,
                    service=ec2.InterfaceVpcEndpointAwsService(service),
                    subnets=ec2.SubnetSelection(subnet_group_name="private"),
                    security_groups=[group],
                    open=False,
                )
            )

    def _log_flows(self, log_days: int | None, removal_policy: RemovalPolicy) -> None:
        if log_days:
            log = log_group(self, "FlowLog", log_days=log_days, removal_policy=removal_policy)
            self.add_flow_log("FlowLogs", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log))
        else:
            acknowledge(
                self,
                rule="AwsSolutions-VPC7",
                reason="Flow logs are paid for by the gigabyte; network.log_days is not set here.",
            )


def _subnets(choice: NewVpc) -> list[ec2.SubnetConfiguration]:
    small, large = subnet_prefixes(choice)
    subnets = [
        ec2.SubnetConfiguration(
            name="public",
            subnet_type=ec2.SubnetType.PUBLIC,
            cidr_mask=small,
            # No public IP by default (Security Hub's EC2.15); the service requests one where it is needed.
            map_public_ip_on_launch=False,
        )
    ]
    isolated = ec2.SubnetType.PRIVATE_ISOLATED
    if not isinstance(choice.egress, PublicIps):
        way_out = isolated if isinstance(choice.egress, Endpoints) else ec2.SubnetType.PRIVATE_WITH_EGRESS
        # Each task takes an address: a /20, as in a VPC of /16, has 4091.
        subnets.append(ec2.SubnetConfiguration(name="private", subnet_type=way_out, cidr_mask=large))
    if choice.data_subnets:
        subnets.append(ec2.SubnetConfiguration(name="data", subnet_type=isolated, cidr_mask=small))
    return subnets
