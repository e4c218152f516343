"""Refuse a cache that tasks cannot reach, and variables that follow from it."""

import ipaddress
from collections.abc import Iterator

from infra.parameters.aurora import NewDatabase
from infra.parameters.cache import CACHE_VARIABLES
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import SharedLoadBalancer
from infra.parameters.network import NewVpc


def cache_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield what stands in the way of the cache."""
    cache, network = environment.cache, environment.network
    if cache is None:
        return
    for name in sorted({*environment.variables, *environment.secrets} & CACHE_VARIABLES):
        yield f"{name} is given, but it follows from cache: remove it from variables and secrets"
    if isinstance(environment.load_balancer, SharedLoadBalancer):
        yield (
            f"load_balancer is shared with '{environment.load_balancer.owner}', whose network the tasks use, "
            "but cache is of this environment: give its address in variables, or take a load balancer of "
            "your own"
        )
    if isinstance(network, NewVpc):
        others = {"network.cidr": network.cidr}
        if isinstance(environment.database, NewDatabase):
            others["database.cidr"] = environment.database.cidr
        for name, cidr in others.items():
            if ipaddress.ip_network(cache.cidr).overlaps(ipaddress.ip_network(cidr)):
                yield (
                    f"cache.cidr {cache.cidr} overlaps {name} {cidr}, and tasks could not tell them apart: "
                    "use other addresses, such as 10.253.0.0/24"
                )
    elif len(network.private_subnet_ids) < 2:
        yield (
            f"network.private_subnet_ids has {len(network.private_subnet_ids)} ids, but cache needs private "
            "subnets in two zones: give them"
        )
