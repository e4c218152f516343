"""Refuse what a load balancer with a firewall in front of the place cannot have."""

from collections.abc import Iterator

from infra.parameters import Cidrs, Environment, Google, InsideVpc, NewLoadBalancer, Place

# In the rate limit of a Front Door's firewall, and in Cloud Armor's.
# https://docs.cloud.google.com/armor/docs/rate-limiting-overview and
# https://learn.microsoft.com/en-us/azure/web-application-firewall/afds/waf-front-door-rate-limit
_MOST_REQUESTS = 1_000_000


def edge_problems(environment: Environment, place: Place) -> Iterator[str]:
    """Yield a sentence for each value that the edge does not take."""
    kind, balancer = type(place).__name__, environment.load_balancer
    if isinstance(place, Google):
        yield from _certificate(environment)
    if not isinstance(balancer, NewLoadBalancer):
        return
    if isinstance(balancer.ingress, InsideVpc):
        yield (
            f"load_balancer.ingress is InsideVpc, but {kind}(edge=True) puts a public load balancer in "
            "front: set edge to False, or ingress to Internet()"
        )
    waf = balancer.waf
    if waf and waf.requests_per_5_minutes > _MOST_REQUESTS:
        yield (
            f"load_balancer.waf.requests_per_5_minutes is {waf.requests_per_5_minutes}, but the firewall of "
            f"{kind}(edge=True) counts to {_MOST_REQUESTS}: lower it"
        )
    # Azure's mode is of the whole firewall, and one that only counts shuts nobody out.
    if waf and waf.mode == "count" and isinstance(balancer.ingress, Cidrs) and not isinstance(place, Google):
        yield (
            "load_balancer.waf.mode is 'count' and ingress is Cidrs, but a Front Door's firewall that counts "
            "lets in everybody: set mode to 'block'"
        )


def _certificate(environment: Environment) -> Iterator[str]:
    if not environment.domain:
        yield (
            "domain is not set, but Google(edge=True) puts a load balancer in front, whose certificate needs "
            'a name: set domain=Domain(name="www.example.com"), or edge to False'
        )
        return
    for name in environment.domain.names:
        if name.startswith("*"):
            yield (
                f"domain.aliases has '{name}', but the load balancer's certificate has no wildcard: name "
                "each host"
            )
