"""Which of the front doors an environment has: its own, or a rule on a load balancer that others use too."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.front_door.own import FrontDoor
from infra.front_door.second_target_group import SecondTargetGroup
from infra.front_door.shared import SharedFrontDoor, SharedListener
from infra.network import Network
from infra.parameters import Environment, ExistingLoadBalancer, NewLoadBalancer, Timeouts


def add_front_door(
    stack: Construct,
    environment: Environment,
    *,
    owner: FrontDoor | SharedFrontDoor | None,
    names_served_by_owner: bool,
    network: Network,
    target_group: elbv2.ApplicationTargetGroup,
    second_target_group: SecondTargetGroup | None,
    timeouts: Timeouts,
    removal_policy: RemovalPolicy,
) -> FrontDoor | SharedFrontDoor:
    """Create the construct `FrontDoor` of a stack: a load balancer of its own, or a rule on a shared one.

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
            second_target_group=second_target_group,
            timeouts=timeouts,
            domain=domain,
            removal_policy=removal_policy,
        )
    if isinstance(choice, ExistingLoadBalancer):
        listener = SharedListener.from_ids(stack, choice)
    elif owner:
        listener = SharedListener.from_owner(owner)
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
        second_target_group=second_target_group,
        domain=domain,
        names_served_by_owner=names_served_by_owner,
    )
