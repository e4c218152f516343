"""Network: where tasks run and how they reach out."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.acknowledged import acknowledge
from infra.log_groups import log_group


class Network(Construct):
    """A VPC over the given zones: public subnets, and private ones where there are NAT gateways."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        availability_zones: Sequence[str],
        nat_gateways: int,
        flow_log_days: int | None,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        # Nothing gets a public IP by accident (EC2.15); tasks that need one ask for it.
        subnets = [
            ec2.SubnetConfiguration(
                name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
            )
        ]
        if nat_gateways:
            # A task takes an address each: a /20 holds 4091.
            subnets.append(
                ec2.SubnetConfiguration(
                    name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20
                )
            )
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            availability_zones=list(availability_zones),
            nat_gateways=nat_gateways,
            subnet_configuration=subnets,
            restrict_default_security_group=True,
        )
        acknowledge(
            self.vpc,
            rule="CloudFormation-Validate::W3010",
            reason="The zones are parameters: to look them up, a synth would need an AWS account.",
        )
        self.task_subnets = ec2.SubnetSelection(
            subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS if nat_gateways else ec2.SubnetType.PUBLIC
        )
        self.tasks_need_public_ips = not nat_gateways
        if flow_log_days:
            log = log_group(self, "FlowLog", retention_days=flow_log_days, removal_policy=removal_policy)
            self.vpc.add_flow_log("FlowLogs", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log))
        else:
            acknowledge(
                self.vpc,
                rule="AwsSolutions-VPC7",
                reason="Flow logs are paid for by the gigabyte; this environment sets no flow_log_days.",
            )
