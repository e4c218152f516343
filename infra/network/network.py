"""Create or import the VPC in which tasks run."""

from collections.abc import Sequence

from aws_cdk import Annotations, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct, DependencyGroup

from infra.network.vpc import Vpc
from infra.parameters import ExistingVpc, NewVpc, PublicIps


class Network(Construct):
    """The VPC that tasks run in, with their subnets and their further security groups.

    What starts tasks depends on `way_out`: the routes, gateways and endpoints by which they pull their image
    and write their log. Otherwise the first tasks may be started without them, and fail.
    """

    vpc: ec2.IVpc
    task_subnets: ec2.SubnetSelection
    task_security_group_ids: Sequence[str]
    tasks_need_public_ips: bool
    internal_subnets: ec2.SubnetSelection
    dual_stack: bool
    cidr: str
    way_out: DependencyGroup

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        choice: NewVpc | ExistingVpc,
        execute_command: bool,
        availability_zones: Sequence[str],
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.cidr = choice.cidr
        self.way_out = DependencyGroup()
        if isinstance(choice, ExistingVpc):
            self._use(choice, availability_zones)
            return
        self.vpc = vpc = Vpc(
            self,
            "Vpc",
            choice=choice,
            execute_command=execute_command,
            availability_zones=availability_zones,
            removal_policy=removal_policy,
        )
        self.tasks_need_public_ips = isinstance(choice.egress, PublicIps)
        name = "public" if self.tasks_need_public_ips else "private"
        self.task_subnets = ec2.SubnetSelection(subnet_group_name=name)
        self.internal_subnets = self.task_subnets
        for subnet in vpc.select_subnets(subnet_group_name=name).subnets:
            self.way_out.add(subnet.internet_connectivity_established)
        self.way_out.add(*vpc.endpoints)
        self.task_security_group_ids = ()
        self.dual_stack = choice.dual_stack

    @property
    def task_route_tables(self) -> Sequence[str]:
        """Return the route tables of the subnets of tasks in a new VPC, each once."""
        subnets = self.vpc.select_subnets(subnet_group_name=self.task_subnets.subnet_group_name).subnets
        return list(dict.fromkeys(each.route_table.route_table_id for each in subnets))

    def join(self, service: ecs.FargateService) -> None:
        """Put the tasks of a service into the further security groups."""
        # Set through the L1: the L2 would open the load balancer's egress to these groups.
        resource = service.node.default_child
        for place, group_id in enumerate(self.task_security_group_ids, start=1):
            if isinstance(resource, ecs.CfnService):
                resource.add_property_override(
                    f"NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.{place}", group_id
                )

    def _use(self, choice: ExistingVpc, availability_zones: Sequence[str]) -> None:
        self.vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=choice.vpc_id,
            vpc_cidr_block=choice.cidr,
            availability_zones=list(availability_zones),
            public_subnet_ids=list(choice.public_subnet_ids) or None,
            private_subnet_ids=list(choice.private_subnet_ids) or None,
        )
        for subnet in (*self.vpc.public_subnets, *self.vpc.private_subnets):
            # The CDK warns, because it needs route tables to add routes. The VPC's owner does that here.
            Annotations.of(subnet).acknowledge_warning("@aws-cdk/aws-ec2:noSubnetRouteTableId")
        self.tasks_need_public_ips = choice.tasks_in == "public"
        tasks_in = self.vpc.public_subnets if self.tasks_need_public_ips else self.vpc.private_subnets
        self.task_subnets = ec2.SubnetSelection(subnets=tasks_in)
        self.internal_subnets = ec2.SubnetSelection(subnets=self.vpc.private_subnets)
        self.task_security_group_ids = choice.task_security_group_ids
        self.dual_stack = False
