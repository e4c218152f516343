"""Export values by which other stacks attach to a load balancer without redeploying its stack."""

import aws_cdk as cdk

from infra.front_door.own import FrontDoor
from infra.network import Network


def export_for_other_stacks(stack: cdk.Stack, *, network: Network, front_door: FrontDoor) -> None:
    """Export VPC, subnets, security group and listener, if there is an HTTPS listener to share.

    The CDK exports a value only once another stack uses it: without this, the first preview would change the
    stack whose load balancer it shares.
    """
    if front_door.https_listener is None:
        return
    subnets = network.vpc.select_subnets(
        subnet_group_name=network.task_subnets.subnet_group_name, subnets=network.task_subnets.subnets
    )
    for value in (
        network.vpc.vpc_id,
        *subnets.subnet_ids,
        front_door.own_load_balancer.group.security_group_id,
        front_door.https_listener.listener_arn,
    ):
        # Literal ids, as of an existing VPC, need no export.
        if cdk.Token.is_unresolved(value):
            stack.export_value(value)
