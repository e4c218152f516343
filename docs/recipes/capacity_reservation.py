"""Capacity reservation: keep the load balancer large before the users come.

For a launch or a sale that starts at a known hour. 100 units cost about $584 a month, or $0.80 an hour,
whether they are used or not: take the call out and deploy again when the event is over.
https://aws.amazon.com/elasticloadbalancing/pricing/ Not for growth over minutes, which load balancers
follow by themselves. Not a replacement for `tasks.min`: the tasks must be running as well.

    if stack.parameters.name == "prod":
        reserve_capacity(stack, units=100)

One unit is 25 new connections a second, 3,000 open connections, or 1 GB an hour. The Capacity tab of the
AWS console estimates the units from past traffic. AWS needs minutes to hours to grant a reservation, and
lowers one at most twice a day: ask a day ahead.
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
    # Set through the L1: the L2 takes this only when the load balancer is made.
    resource = cast("elbv2.CfnLoadBalancer", balancer.node.default_child)
    resource.minimum_load_balancer_capacity = elbv2.CfnLoadBalancer.MinimumLoadBalancerCapacityProperty(
        capacity_units=units
    )
