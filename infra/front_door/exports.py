"""Lending: what a stack with an HTTPS listener exports, so that others can come behind it at any time."""

import aws_cdk as cdk

from infra.front_door.own import FrontDoor
from infra.network import Network


def export_for_other_stacks(stack: cdk.Stack, *, network: Network, front_door: FrontDoor) -> None:
    """Export all that a SharedLoadBalancer refers to.

    Without it the export would come with the first guest: a preview would have to deploy its owner.
    """
    if front_door.https_listener is None:
        return
    subnets = network.vpc.select_subnets(
        subnet_group_name=network.task_subnets.subnet_group_name, subnets=network.task_subnets.subnets
    )
    for lent in (
        network.vpc.vpc_id,
        *subnets.subnet_ids,
        front_door.own_load_balancer.group.security_group_id,
        front_door.https_listener.listener_arn,
    ):
        # The ids of an existing VPC are known to everybody.
        if cdk.Token.is_unresolved(lent):
            stack.export_value(lent)
