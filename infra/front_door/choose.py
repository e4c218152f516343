"""Choose the front door of an environment: its own, or a rule on a load balancer that others use too."""

from aws_cdk import RemovalPolicy
from constructs import Construct

from infra.front_door.own import FrontDoor
from infra.front_door.shared import SharedFrontDoor, SharedListener
from infra.front_door.target_groups import TargetGroups
from infra.network import Network
from infra.parameters import (
    Domain,
    ExistingLoadBalancer,
    Membership,
    NewLoadBalancer,
    SharedLoadBalancer,
    Timeouts,
)


def add_front_door(
    stack: Construct,
    *,
    choice: NewLoadBalancer | ExistingLoadBalancer | SharedLoadBalancer,
    domain: Domain | None,
    owner: FrontDoor | SharedFrontDoor | None,
    names_served_by_owner: bool,
    network: Network,
    target_groups: TargetGroups,
    timeouts: Timeouts,
    rule_changes: bool,
    removal_policy: RemovalPolicy,
    membership: Membership | None = None,
    health_path: str = "/",
) -> FrontDoor | SharedFrontDoor:
    """Create the construct `FrontDoor` of a stack: a load balancer of its own, or a rule on a shared one.

    A fleet's `membership` makes records for its name, with a health check of `health_path`.
    With `rule_changes` requests come by a rule, `rule`, which something other than a deployment may change.
    `owner` is the front door of the environment that a SharedLoadBalancer names. Raises ValueError where a
    load balancer is shared without its owner or without a domain.
    """
    if isinstance(choice, NewLoadBalancer):
        return FrontDoor(
            stack,
            "FrontDoor",
            choice=choice,
            network=network,
            target_groups=target_groups,
            timeouts=timeouts,
            domain=domain,
            rule_changes=rule_changes,
            removal_policy=removal_policy,
            membership=membership,
            health_path=health_path,
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
        target_groups=target_groups,
        domain=domain,
        names_served_by_owner=names_served_by_owner,
    )
