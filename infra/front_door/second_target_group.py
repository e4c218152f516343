"""SecondTargetGroup: the target group in which a new version stands beside the old one."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import Annotations
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledge import acknowledge

# Of a listener's rules. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LAST_PRIORITY = 50000


@dataclass(frozen=True, kw_only=True)
class SecondTargetGroup:
    """The second target group, and the port of the listener on which it may be tested, if any."""

    target_group: elbv2.ApplicationTargetGroup
    test_port: int | None

    def target(
        self,
        production: elbv2.ApplicationListenerRule | None,
        test: elbv2.ApplicationListenerRule | None,
    ) -> ecs.AlternateTarget:
        """What ECS must know to move requests; raises ValueError without a rule whose weights it can move."""
        if production is None:
            raise ValueError("a deployment beside the old version needs a listener rule")
        rule: Any = ecs.ListenerRuleConfiguration.application_listener_rule
        return ecs.AlternateTarget(
            "Alternate",
            alternate_target_group=self.target_group,
            production_listener=rule(production),
            test_listener=rule(test) if test else None,
        )


def weighted_rule(
    scope: Construct,
    id: str,
    listener: elbv2.IApplicationListener,
    second_target_group: SecondTargetGroup,
    target_group: elbv2.ApplicationTargetGroup,
    *,
    priority: int,
    conditions: list[elbv2.ListenerCondition] | None = None,
) -> elbv2.ApplicationListenerRule:
    """A rule, by default for all requests, whose weights ECS moves between the two groups."""
    return elbv2.ApplicationListenerRule(
        scope,
        id,
        listener=listener,
        priority=priority,
        conditions=conditions or [elbv2.ListenerCondition.path_patterns(["/*"])],
        action=elbv2.ListenerAction.weighted_forward(
            [
                elbv2.WeightedTargetGroup(target_group=target_group, weight=100),
                elbv2.WeightedTargetGroup(target_group=second_target_group.target_group, weight=0),
            ]
        ),
    )


def acknowledge_blue_green(service: ecs.FargateService) -> None:
    """Accept what such a deployment has, AWS's policy by which ECS moves weights, and what it cannot have."""
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
        # Alarms turn it back: only rolling deployments have a circuit breaker.
        Annotations.of(service).acknowledge_warning("@aws-cdk/aws-ecs:shouldUseCircuitBreaker")
