"""WebService: the cluster, the service, who may reach its tasks, and how it is deployed."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.compute.capacity import Capacity
from infra.compute.deployment import set_circuit_breaker, strategy
from infra.compute.shell import Shell
from infra.front_door import acknowledge_blue_green
from infra.network import Network
from infra.parameters import Deployment, Tasks
from infra.task import Task


class WebService(Construct):
    """A Fargate service that keeps copies of a task running behind `target_group`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        task: Task,
        network: Network,
        target_group: elbv2.ApplicationTargetGroup,
        alternate_target: ecs.AlternateTarget | None,
        deployment: Deployment,
        tasks: Tasks,
        health_grace_s: int,
        container_insights: bool,
        execute_command: bool,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        """`alternate_target` is what a deployment beside the old version needs; a rolling one has none."""
        super().__init__(scope, id)
        shell = (
            Shell(self, "Shell", task=task, log_days=log_days, removal_policy=removal_policy)
            if execute_command
            else None
        )
        capacity = Capacity(
            self,
            "Capacity",
            vpc=network.vpc,
            tasks=tasks,
            container_insights=container_insights,
            execute_command=shell.configuration if shell else None,
        )
        self.cluster = capacity.cluster
        self.security_group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=network.vpc,
            allow_all_outbound=True,
            allow_all_ipv6_outbound=network.dual_stack,
            description="The tasks: reached by the load balancer alone",
        )
        # No desired count: a deployment at peak must not shrink what the autoscaler has grown.
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
            health_check_grace_period=Duration.seconds(health_grace_s),
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
            enable_execute_command=execute_command,
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            **strategy(deployment),
        )
        set_circuit_breaker(self.service, deployment)
        self._join(network.task_security_group_ids)
        self.service.node.add_dependency(capacity.providers)
        self.service.load_balancer_target(
            container_name=task.front.container_name, alternate_target=alternate_target
        ).attach_to_application_target_group(target_group)
        acknowledge_blue_green(self.service)

    def _join(self, security_group_ids: Sequence[str]) -> None:
        # As L1: among the L2's groups, the load balancer would be let out to every member of theirs.
        service = self.service.node.default_child
        for place, group_id in enumerate(security_group_ids, start=1):
            if isinstance(service, ecs.CfnService):
                service.add_property_override(
                    f"NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.{place}", group_id
                )
