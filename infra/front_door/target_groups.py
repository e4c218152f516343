"""Create a target group for the running version and, if a deployment needs it, one for the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_cdk import Annotations
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.front_door.target_group import TargetGroup
from infra.network import Network
from infra.parameters import BlueGreen, ServiceFields, Timeouts

# The lowest priority that a listener's rule may have.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LAST_PRIORITY = 50000


@dataclass(frozen=True, kw_only=True)
class TargetGroups:
    """The first target group and, if a deployment is blue/green, the second one with the port to test it.

    While `tls_to_tasks` changes, the tasks are in `beside` as well, by the port `beside_port`.
    """

    first: elbv2.ApplicationTargetGroup
    second: elbv2.ApplicationTargetGroup | None = None
    test_port: int | None = None
    beside: elbv2.ApplicationTargetGroup | None = None
    beside_port: int | None = None
    beside_serves: bool = False

    @property
    def all(self) -> list[elbv2.ApplicationTargetGroup]:
        """Return the one or two target groups."""
        return [each for each in (self.first, self.second, self.beside) if each]

    @property
    def serving(self) -> elbv2.ApplicationTargetGroup:
        """Return the group that gets the requests, or the first one where ECS decides which."""
        return self.beside if self.beside and self.beside_serves else self.first

    @property
    def to_tasks(self) -> elbv2.ListenerAction:
        """Return the action that sends all requests to the group that serves.

        A group beside it gets none, but ECS takes only groups that belong to a load balancer.
        """
        if self.beside is None:
            return elbv2.ListenerAction.forward([self.first])
        idle = self.first if self.beside_serves else self.beside
        return elbv2.ListenerAction.weighted_forward(
            [
                elbv2.WeightedTargetGroup(target_group=self.serving, weight=100),
                elbv2.WeightedTargetGroup(target_group=idle, weight=0),
            ]
        )

    @property
    def forward(self) -> elbv2.ListenerAction:
        """Return the action that sends requests to the running version.

        With two target groups it has weights, which ECS changes to move requests to the next version.
        """
        if self.second is None:
            return self.to_tasks
        return elbv2.ListenerAction.weighted_forward(
            [
                elbv2.WeightedTargetGroup(target_group=self.first, weight=100),
                elbv2.WeightedTargetGroup(target_group=self.second, weight=0),
            ]
        )

    def alternate_target(
        self,
        production: elbv2.ApplicationListenerRule | None,
        test: elbv2.ApplicationListenerRule | None = None,
    ) -> ecs.AlternateTarget | None:
        """Return the second target group and the rules whose weights ECS changes; None with one group."""
        if self.second is None or production is None:
            return None
        rule: Any = ecs.ListenerRuleConfiguration.application_listener_rule
        return ecs.AlternateTarget(
            "Alternate",
            alternate_target_group=self.second,
            production_listener=rule(production),
            test_listener=rule(test) if test else None,
        )


def add_target_groups(
    stack: Construct,
    *,
    parameters: ServiceFields,
    port_of: Callable[..., int],
    network: Network,
    timeouts: Timeouts,
) -> TargetGroups:
    """Create the target groups `Targets` and, for a deployment beside the old version, `Alternates`.

    The protocol of a target group never changes: another one is a new group, which is empty until new tasks
    are healthy. So tls_change puts the tasks into `Alternates` first. `prepare` fills it by the other
    protocol. `move` sends requests there, while `Targets` is made anew and fills.
    `port_of` says on which port tasks answer, with TLS or without.
    """

    def group(id: str, *, tls: bool = parameters.tls_to_tasks) -> TargetGroup:
        return TargetGroup(
            stack,
            id,
            vpc=network.vpc,
            port=port_of(tls=tls),
            tls=tls,
            timeouts=timeouts,
            health_check=parameters.health_check,
            routing=parameters.routing,
        )

    first = group("Targets")
    deployment = parameters.deployment
    if isinstance(deployment, BlueGreen):
        return TargetGroups(first=first, second=group("Alternates"), test_port=deployment.test_port)
    if deployment.tls_change:
        moving = deployment.tls_change == "move"
        tls = parameters.tls_to_tasks == moving
        return TargetGroups(
            first=first,
            beside=group("Alternates", tls=tls),
            beside_port=port_of(tls=tls),
            beside_serves=moving,
        )
    return TargetGroups(first=first, second=group("Alternates") if deployment.alternate else None)


def acknowledge_blue_green(service: ecs.FargateService) -> None:
    """Acknowledge blue/green's AWS-managed policy and its missing circuit breaker."""
    role = service.node.try_find_child("AlternateRole")
    if role:
        acknowledge(
            role,
            rule=(
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
                "AmazonECSInfrastructureRolePolicyForLoadBalancers]"
            ),
            reason="The policy that AWS keeps for ECS to move requests between target groups.",
        )
        # Alarms roll it back: ECS offers a circuit breaker for rolling deployments only.
        Annotations.of(service).acknowledge_warning("@aws-cdk/aws-ecs:shouldUseCircuitBreaker")
