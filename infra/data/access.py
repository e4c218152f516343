"""Let the tasks of an environment reach its database, from their own VPC."""

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.data.aurora import AuroraCluster
from infra.data.parts import PORT
from infra.data.postgres import PostgresInstance
from infra.network import Network

Database = PostgresInstance | AuroraCluster


class Access(Construct):
    """A connection of the two VPCs, and the rule that lets the tasks' security group in."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        database: Database,
        network: Network,
        tasks: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, id)
        peering = self._connect(database.own_vpc, database.choice.cidr, network) if database.own_vpc else None
        # By the L1: the L2 would add the rule to the stack of the database, which would then need this one.
        # A group of a connected VPC may be the source.
        # https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
        rule = ec2.CfnSecurityGroupIngress(
            self,
            "Tasks",
            group_id=database.group.security_group_id,
            source_security_group_id=tasks.security_group_id,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            description=f"The tasks of {Stack.of(self).stack_name}",
        )
        if peering:
            rule.add_resource_dependency(peering)

    def _connect(self, data: ec2.Vpc, cidr: str, network: Network) -> ec2.CfnVPCPeeringConnection:
        peering = ec2.CfnVPCPeeringConnection(
            self, "Peering", vpc_id=network.vpc.vpc_id, peer_vpc_id=data.vpc_id
        )
        ways = [
            *((f"To{place}", each, cidr) for place, each in enumerate(network.task_route_tables, start=1)),
            *(
                (f"Back{place}", each.route_table.route_table_id, network.cidr)
                for place, each in enumerate(data.isolated_subnets, start=1)
            ),
        ]
        for name, route_table_id, destination in ways:
            ec2.CfnRoute(
                self,
                name,
                route_table_id=route_table_id,
                destination_cidr_block=destination,
                vpc_peering_connection_id=peering.ref,
            )
        return peering
