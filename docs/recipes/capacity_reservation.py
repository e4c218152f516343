"""Capacity reservation: the load balancer is large before the users come.

For a launch, or a sale that starts at an hour everybody knows. 100 units cost about $584 for a month, $0.80
for an hour, used or not: take the call out and deploy again when it is over.
https://aws.amazon.com/elasticloadbalancing/pricing/ Not for growth of minutes: load balancers follow it
themselves. And not instead of `tasks.min`: tasks have to be there as well.

    reserve_capacity(prod, units=100)

One unit is 25 new connections a second, 3,000 open ones, or 1 GB an hour; the console's Capacity tab
estimates from the past. AWS grants it in minutes to hours, and lowers it at most twice a day: ask a day
ahead.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/request-capacity-unit-reservation.html
"""

from typing import cast

from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from infra.stack import WebStack

# https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_elasticloadbalancingv2.ApplicationLoadBalancerProps.html
_FEWEST_UNITS = 100


def reserve_capacity(stack: WebStack, *, units: int) -> None:
    """Keep at least `units` load balancer capacity units, spread evenly over the zones.

    Raises ValueError for fewer than AWS sells, and on a load balancer that belongs to somebody else.
    """
    balancer = stack.front_door.own_load_balancer
    if balancer is None:
        raise ValueError(
            f"environment '{stack.parameters.name}' uses the load balancer of another owner: "
            "reserve capacity there"
        )
    if units < _FEWEST_UNITS:
        raise ValueError(f"units is {units}: AWS reserves {_FEWEST_UNITS} or more")
    # L1, because the L2 takes this only when the load balancer is made.
    resource = cast("elbv2.CfnLoadBalancer", balancer.node.default_child)
    resource.minimum_load_balancer_capacity = elbv2.CfnLoadBalancer.MinimumLoadBalancerCapacityProperty(
        capacity_units=units
    )
