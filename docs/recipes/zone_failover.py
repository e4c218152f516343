"""Zone failover: requests stay in their zone, and a zone that runs short of healthy tasks leaves DNS.

For services with many tasks, whose zones should not pull each other down. Free, and saves what traffic
between zones costs. Not below two tasks a zone; not behind static_ips.py, whose Network Load Balancer does
not see it. A zonal shift, by AWS or by you, works without this recipe: it is on already.

    fail_over_zones(prod, min_healthy_per_zone=2)

What it means: each zone serves the share of clients that DNS gives it, with its own tasks. Below the minimum,
its address is taken out of DNS, which clients notice in about a minute; those who still come reach all its
tasks, healthy or not. The other zones take over: with two of them, at twice the load, so keep tasks for that.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
"""

from infra.stack import WebStack


def fail_over_zones(stack: WebStack, *, min_healthy_per_zone: int) -> None:
    """Switch cross-zone load balancing off, and set one minimum for both kinds of failover.

    Raises ValueError with stickiness, on somebody else's load balancer, or if a zone has too few tasks.
    """
    environment = stack.parameters
    if stack.front_door.own_load_balancer is None:
        raise ValueError(
            f"environment '{environment.name}' uses the load balancer of another owner, all of whose "
            "services would leave a zone with it: use a load balancer of its own"
        )
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html
    if environment.routing.sticky_s:
        raise ValueError(
            f"routing.sticky_s is {environment.routing.sticky_s}, but there is no stickiness while zones are "
            "apart: remove it"
        )
    zones = len(environment.availability_zones)
    if min_healthy_per_zone < 1 or environment.tasks.min < zones * (min_healthy_per_zone + 1):
        raise ValueError(
            f"min_healthy_per_zone is {min_healthy_per_zone} and tasks.min {environment.tasks.min} over "
            f"{zones} zones: one task that fails would take its zone out; set tasks.min to "
            f"{zones * (max(1, min_healthy_per_zone) + 1)} or more"
        )
    group = stack.target_group
    group.set_attribute("load_balancing.cross_zone.enabled", "false")
    for failover in ("dns_failover", "unhealthy_state_routing"):
        # One number for both, which AWS recommends; DNS failover's must not be the lower one.
        group.set_attribute(
            f"target_group_health.{failover}.minimum_healthy_targets.count", str(min_healthy_per_zone)
        )
