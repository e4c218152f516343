"""Which of the front doors an environment has: its own, or a rule on a load balancer that others use too."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.front_door.own import FrontDoor
from infra.front_door.second_target_group import Alternate
from infra.front_door.shared import SharedFrontDoor, SharedListener
from infra.network import Network
from infra.parameters import Environment, ExistingLoadBalancer, NewLoadBalancer, Timeouts


def front_door_of(
    stack: Construct,
    environment: Environment,
    *,
    owner: FrontDoor | SharedFrontDoor | None,
    covered: bool,
    network: Network,
    target_group: elbv2.ApplicationTargetGroup,
    alternate: Alternate | None,
    timeouts: Timeouts,
    removal_policy: RemovalPolicy,
) -> FrontDoor | SharedFrontDoor:
    """The construct `FrontDoor` of a stack; `owner` and `covered` as a SharedLoadBalancer has them.

    Raises ValueError where a load balancer is shared without its owner or without a domain.
    """
    choice, domain = environment.load_balancer, environment.domain
    if isinstance(choice, NewLoadBalancer):
        return FrontDoor(
            stack,
            "FrontDoor",
            choice=choice,
            network=network,
            target_group=target_group,
            alternate=alternate,
            timeouts=timeouts,
            domain=domain,
            removal_policy=removal_policy,
        )
    if isinstance(choice, ExistingLoadBalancer):
        listener = SharedListener.given(stack, choice)
    elif owner:
        listener = SharedListener.of(owner)
    else:
        raise ValueError(f"{stack.node.path} shares a load balancer, but got no owner")
    if domain is None:
        raise ValueError(f"{stack.node.path} shares a load balancer, but has no domain")
    return SharedFrontDoor(
        stack,
        "FrontDoor",
        listener=listener,
        rule_priority=choice.rule_priority,
        target_group=target_group,
        alternate=alternate,
        domain=domain,
        covered=covered,
    )
