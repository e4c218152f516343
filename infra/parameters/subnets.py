"""Divide a new VPC into subnets, and count the tasks for which they have addresses."""

import ipaddress
from collections.abc import Iterator

from infra.parameters.cloudfront_checks import is_internal
from infra.parameters.egress import TASK_ENDPOINTS, Endpoints, PublicIps
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import NewLoadBalancer
from infra.parameters.network import NewVpc

# The smallest subnet that a load balancer accepts, and the addresses that it may take in each.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
_SMALLEST_SUBNET = 27
_OF_THE_BALANCER = 8
# https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_KEPT_BY_AWS = 5
# A deployment may run all old and all new tasks at once (infra/compute/web_service.py).
DEPLOYING = 2


def subnet_prefixes(network: NewVpc) -> tuple[int, int]:
    """Return the prefix lengths of small subnets and of those for tasks without public addresses."""
    bits = ipaddress.ip_network(network.cidr).prefixlen
    return min(bits + 8, _SMALLEST_SUBNET), min(bits + 4, _SMALLEST_SUBNET)


def room_for_tasks(environment: EnvironmentFields, network: NewVpc) -> int:
    """Return how many tasks at once the subnets of a new VPC have addresses for."""
    small, large = subnet_prefixes(network)
    balancer = environment.load_balancer
    public = isinstance(network.egress, PublicIps)
    taken = _KEPT_BY_AWS
    if isinstance(balancer, NewLoadBalancer) and (public or is_internal(balancer)):
        taken += _OF_THE_BALANCER
    if isinstance(network.egress, Endpoints):
        taken += len({*TASK_ENDPOINTS, *network.egress.services}) + environment.execute_command
    zones = len(environment.availability_zones)
    return zones * int(2 ** (32 - (small if public else large)) - taken)


def most_tasks(environment: EnvironmentFields) -> int:
    """Return the most tasks that the autoscaler may start, also by a schedule."""
    return max([environment.tasks.max, *(each.max for each in environment.scaling.schedules)])


def most_tasks_at_once(environment: EnvironmentFields) -> int:
    """Return the most tasks of the service, workers and jobs while a deployment replaces all but the last."""
    workers = sum(each.max for each in environment.workers)
    return DEPLOYING * (most_tasks(environment) + workers) + len(environment.jobs)


def subnet_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield a problem if the subnets have too few addresses for a deployment of the most tasks."""
    network = environment.network
    if not isinstance(network, NewVpc):
        return
    room, needed = room_for_tasks(environment, network), most_tasks_at_once(environment)
    if needed > room:
        workers = sum(each.max for each in environment.workers)
        beside = f" beside {workers} of workers" if workers else ""
        yield (
            f"tasks.max is {most_tasks(environment)}{beside}, and a deployment runs twice as many, but the "
            f"subnets of network.cidr {network.cidr} have addresses for {room} tasks: give the VPC more "
            "addresses (a /16 has most), use an egress with private subnets, which are larger, or lower "
            "tasks.max"
        )
