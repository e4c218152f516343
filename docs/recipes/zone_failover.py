"""Zone failover: keep requests in their zone, and take a zone with too few healthy tasks out of DNS.

For services with many tasks, where trouble in one zone should not slow the others down. Free, and saves the
cost of traffic between zones. Not with fewer than two tasks a zone. Not behind static_ips.py, whose Network
Load Balancer does not see which zones are healthy. A zonal shift, by AWS or by you, works without this
recipe.

    if stack.parameters.name == "prod":
        fail_over_zones(stack, min_healthy_per_zone=2)

Each zone then serves, with its own tasks, the clients that DNS sends there. A zone with fewer healthy tasks
than the minimum leaves DNS, which clients notice in about a minute; requests that still arrive there go to
all of its tasks, healthy or not. The other zones take over its clients, with two zones twice as many each:
keep enough tasks for that.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
"""

from infra.stack import WebStack


def fail_over_zones(stack: WebStack, *, min_healthy_per_zone: int) -> None:
    """Switch cross-zone load balancing off, and set the minimum of healthy tasks for both kinds of failover.

    Raises ValueError with stickiness, on a load balancer of another owner, and if a zone has too few tasks.
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
        # AWS recommends one number for both; the number of DNS failover must not be the lower one.
        group.set_attribute(
            f"target_group_health.{failover}.minimum_healthy_targets.count", str(min_healthy_per_zone)
        )
