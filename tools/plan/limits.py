"""List the limits that a growing load meets, what moves each, and the load at which it is met."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tools.plan import facts
from tools.plan.app import App
from tools.plan.facts import Fact
from tools.plan.place import ON_DEMAND, SPOT, Place
from tools.plan.sizing import Size, size

_CELL = "another cell (an environment of its own, with its own load balancer)"
_MOST_RPS = 1e8
_PRECISION = 1e-6


class Limit(NamedTuple):
    """A limit: how much of it a size uses, how much there is, what moves it, and who says so.

    What only AWS moves is a limit `of_a_cell`.
    """

    name: str
    used: Callable[[Size], float]
    most: float
    moves: str
    source: str
    of_a_cell: bool = False

    def share(self, of: Size) -> float:
        """Return the used part; above 1 the limit is passed."""
        return self.used(of) / self.most


class Hit(NamedTuple):
    """A limit, and the highest load that it allows, if no other one is in the way."""

    limit: Limit
    rps: float


def limits(place: Place) -> Iterator[Limit]:
    """Yield the limits that this environment has."""
    policies = place.service.policies
    yield Limit(
        "tasks that tasks.max allows",
        lambda size: size.tasks,
        policies.max_tasks,
        "tasks.max; tasks.cpu for larger tasks",
        "infra/environments.py",
    )
    for kind, quota, used in (("on-demand", ON_DEMAND, _on_demand), ("Spot", SPOT, _spot)):
        yield Limit(
            f"{kind} vCPUs of Fargate, deploying",
            used,
            quota.default,
            f"quota {quota.code}, which `make doctor` compares with the account's",
            f"{quota.source}, {facts.READ}; an account that never asked",
        )
    if place.subnets:
        yield Limit(
            "addresses of a subnet, deploying",
            lambda size: size.addresses_per_subnet,
            min(place.subnets),
            "network.cidr (a new VPC), more availability_zones, private subnets instead of PublicIps()",
            "the template's subnets, less AWS's five and the load balancer's eight",
        )
    if place.max_connections is not None:
        yield Limit(
            "database connections, deploying",
            lambda size: size.connections,
            place.max_connections,
            "database.instance, max_acu or max_connections, database.pool_size, a pooler",
            _from(facts.DATABASE_CONNECTIONS),
        )
    yield _quota("tasks of the service, deploying", lambda size: size.deploying, facts.TASKS_PER_SERVICE, "")
    yield _quota(
        "targets of a target group, deploying", lambda size: size.targets, facts.TARGETS_OF_GROUP, ""
    )
    yield _quota(
        "targets of the load balancer, deploying",
        lambda size: size.targets,
        facts.TARGETS_OF_BALANCER,
        ", larger tasks",
    )
    yield _quota("network interfaces, deploying", lambda size: size.deploying, facts.INTERFACES, "")
    yield _quota("log calls a second", lambda size: size.log_calls_per_s, facts.LOG_CALLS_PER_S, "")
    if place.waf:
        yield _quota("requests/s of the firewall", lambda size: size.rps, facts.WAF_RPS, "")
    if place.gateways:
        yield Limit(
            "NAT gateways: connections to one destination, deploying",
            lambda size: size.nat_ports,
            place.gateways * facts.NAT_PORTS.value,
            "network.egress=NatGateways(count=...), up to 8 addresses for each, VPC endpoints",
            _from(facts.NAT_PORTS),
        )
        yield Limit(
            "NAT gateways: Gbit/s",
            lambda size: size.nat_gbps,
            place.gateways * facts.NAT_GBPS.value,
            "network.egress=NatGateways(count=...), VPC endpoints",
            _from(facts.NAT_GBPS),
        )
    yield Limit(
        "rules of a security group, whatever the load",
        lambda _: place.group_rules,
        facts.RULES_OF_GROUP.value,
        "quota L-0EA8095F; fewer load_balancer.ingress networks",
        _from(facts.RULES_OF_GROUP),
    )


def hits(place: Place, app: App) -> list[Hit]:
    """Return each limit with the highest load that it allows, the first to be hit first."""
    return sorted((Hit(each, _highest(each, place, app)) for each in limits(place)), key=lambda hit: hit.rps)


def cell_of(found: list[Hit]) -> Hit:
    """Return the limit that bounds one cell: the first that only AWS moves."""
    return next(hit for hit in found if hit.limit.of_a_cell)


def cells(found: list[Hit], rps: float) -> int:
    """Return how many cells carry a load without a request to AWS."""
    return max(1, math.ceil(rps / cell_of(found).rps * (1 - _PRECISION)))


def _highest(limit: Limit, place: Place, app: App) -> float:
    """Return the highest load within a limit, by halving, since more load never needs less."""
    low, high = 0.0, 1.0
    if limit.share(size(place, app, low)) > 1:
        return 0.0
    while limit.share(size(place, app, high)) <= 1:
        low, high = high, 2 * high
        if high > _MOST_RPS:
            return float("inf")
    while high - low > _PRECISION * high:
        middle = (low + high) / 2
        low, high = (middle, high) if limit.share(size(place, app, middle)) <= 1 else (low, middle)
    return low


def _quota(name: str, used: Callable[[Size], float], fact: Fact, also: str) -> Limit:
    moves = f"a request to AWS{also}, or {_CELL}"
    return Limit(name, used, fact.value, moves, _from(fact), of_a_cell=True)


def _from(fact: Fact) -> str:
    return f"{fact.source}, {fact.of}"


def _on_demand(size: Size) -> float:
    return size.on_demand_vcpu


def _spot(size: Size) -> float:
    return size.spot_vcpu
