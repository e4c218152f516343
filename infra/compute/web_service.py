"""Create the service with its cluster, its security group and its deployments."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.compute.capacity import Capacity
from infra.compute.deployment import set_circuit_breaker, strategy
from infra.compute.shell import Shell
from infra.front_door import TargetGroups, acknowledge_blue_green
from infra.network import Network
from infra.parameters import ServiceFields
from infra.task import Task


class WebService(Construct):
    """A Fargate service that keeps copies of a task running behind `target_groups`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        task: Task,
        network: Network,
        target_groups: TargetGroups,
        alternate_target: ecs.AlternateTarget | None,
        parameters: ServiceFields,
        removal_policy: RemovalPolicy,
    ) -> None:
        """Create the service; a blue/green deployment needs `alternate_target`, a rolling one has None."""
        super().__init__(scope, id)
        shell = (
            Shell(self, "Shell", task=task, log_days=parameters.log_days, removal_policy=removal_policy)
            if parameters.execute_command
            else None
        )
        capacity = Capacity(
            self,
            "Capacity",
            vpc=network.vpc,
            tasks=parameters.tasks,
            container_insights=parameters.container_insights,
            execute_command=shell.configuration if shell else None,
        )
        self.cluster, self.providers = capacity.cluster, capacity.providers
        self.security_group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=network.vpc,
            allow_all_outbound=True,
            allow_all_ipv6_outbound=network.dual_stack,
            description="The tasks: reached by the load balancer alone",
        )
        # No desired count: a deployment at peak would take away tasks that the autoscaler has added.
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=task.definition,
            capacity_provider_strategies=capacity.strategies,
            vpc_subnets=network.task_subnets,
            assign_public_ip=network.tasks_need_public_ips,
            security_groups=[self.security_group],
            min_healthy_percent=100,
            max_healthy_percent=200,
            health_check_grace_period=Duration.seconds(parameters.health_check.grace_s),
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            enable_execute_command=parameters.execute_command,
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            **strategy(parameters.deployment),
        )
        set_circuit_breaker(self.service, parameters.deployment)
        network.join(self.service)
        self.service.node.add_dependency(capacity.providers, network.way_out)
        self.service.load_balancer_target(
            container_name=task.front.container_name, alternate_target=alternate_target
        ).attach_to_application_target_group(target_groups.first)
        self._join_beside(task, target_groups)
        acknowledge_blue_green(self.service)

    def _join_beside(self, task: Task, groups: TargetGroups) -> None:
        """Put the tasks into a second target group, by a port of their own if it is another one."""
        if groups.beside is None or groups.beside_port is None:
            return
        name, port = task.front.container_name, groups.beside_port
        if task.front.container_port != port:
            task.front.add_port_mappings(ecs.PortMapping(name="other", container_port=port))
            task.front.add_environment("OTHER_PORT", str(port))
        self.service.load_balancer_target(
            container_name=name, container_port=port
        ).attach_to_application_target_group(groups.beside)
