"""Define environments in several regions that serve one host name together."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from infra.parameters.aurora import NewDatabase
from infra.parameters.database import ExistingDatabase
from infra.parameters.domain import Domain
from infra.parameters.environment import Environment
from infra.parameters.formats import EnvironmentName, HostName
from infra.parameters.ingress import Internet
from infra.parameters.load_balancer import NewLoadBalancer
from infra.parameters.model import Parameters
from infra.parameters.secrets import NewSecret

FleetRouting = Literal["latency", "failover", "weighted"]


class Membership(NamedTuple):
    """An environment's part in a fleet, from which its records for the fleet's name follow."""

    domain: str
    routing: FleetRouting
    weight: int
    primary: bool


class Fleet(Parameters):
    """Environments that serve one host name together, each under a name of its own, too.

    Route 53 sends a visitor to a member that is healthy. They are deployed one after the other.
    """

    name: EnvironmentName = Field(description="name, such as prod")
    domain: HostName = Field(description="host name that all members serve: an alias of each member's domain")
    members: tuple[Environment, ...] = Field(
        min_length=2,
        description="environments in the order in which they are deployed; at a failover the first serves",
    )
    routing: FleetRouting = Field(
        default="latency",
        description=(
            "latency: who is nearest; failover: the first, and the second while it fails; weighted: by shares"
        ),
    )
    weights: tuple[int, ...] = Field(
        default=(), description="share of each member, 0 to 255, with routing='weighted'"
    )
    bake_minutes: int = Field(
        default=10,
        ge=0,
        le=60,
        description="minutes that a member serves well before the next one is deployed",
    )

    def membership(self, environment: Environment) -> Membership | None:
        """Return an environment's part in the fleet, if it has one."""
        names = [each.name for each in self.members]
        if environment.name not in names:
            return None
        place = names.index(environment.name)
        weight = self.weights[place] if self.weights else 0
        return Membership(self.domain, self.routing, weight, primary=place == 0)

    @model_validator(mode="after")
    def _can_serve_together(self) -> Self:
        for check in (_names, _routes, _doors, _data):
            for problem in check(self):
                raise ValueError(problem)
        return self


def _names(fleet: Fleet) -> Iterator[str]:
    names = [each.name for each in fleet.members]
    if len(set(names)) < len(names):
        yield f"members are called {', '.join(names)}: give each a name of its own"
    domains: dict[str, str] = {}
    zones = set()
    for member in fleet.members:
        domain = member.domain
        if not domain or not domain.hosted_zone_id:
            yield (
                f"{member.name} has no domain in a zone of Route 53, so that no record can lead to it: set "
                "domain "
                "with hosted_zone_id and hosted_zone_name"
            )
            return
        if domain.name == fleet.domain or fleet.domain not in domain.aliases:
            yield (
                f"{member.name} has domain.name '{domain.name}' and aliases {_listed(domain)}: give it a "
                "name of its "
                f"own, such as {member.region}.{domain.hosted_zone_name}, and '{fleet.domain}' as an alias"
            )
        other = domains.setdefault(domain.name, member.name)
        if other != member.name:
            yield f"{other} and {member.name} both have domain.name '{domain.name}': give each its own"
        zones.add(f"{domain.hosted_zone_id} of account {member.account or 'your credentials'}")
    if len(zones) > 1:
        yield (
            f"members have zones {', '.join(sorted(zones))}: give all the same zone and the account that has "
            "it"
        )


def _listed(domain: Domain) -> str:
    return ", ".join(f"'{each}'" for each in domain.aliases) or "none"


def _routes(fleet: Fleet) -> Iterator[str]:
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
    if fleet.routing == "failover" and len(fleet.members) != 2:
        yield (
            f"routing is 'failover' and there are {len(fleet.members)} members: Route 53 has a primary and a "
            "secondary"
        )
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-latency-alias.html
    regions = [each.region for each in fleet.members]
    if fleet.routing == "latency" and len(set(regions)) < len(regions):
        yield (
            f"routing is 'latency' and members are in {', '.join(regions)}: Route 53 takes one record for "
            "each region; "
            "set routing to 'weighted' for cells in one region"
        )
    if fleet.routing != "weighted" and fleet.weights:
        yield (
            f"weights are {fleet.weights} and routing is '{fleet.routing}': remove them, or set routing to "
            "'weighted'"
        )
    if fleet.routing == "weighted" and len(fleet.weights) != len(fleet.members):
        yield f"weights are {fleet.weights} for {len(fleet.members)} members: give each one, such as (50, 50)"
    if any(not 0 <= weight <= 255 for weight in fleet.weights) or (fleet.weights and not any(fleet.weights)):
        yield f"weights are {fleet.weights}: each is 0 to 255, and one at least is more than 0"


def _doors(fleet: Fleet) -> Iterator[str]:
    for member in fleet.members:
        balancer = member.load_balancer
        if not isinstance(balancer, NewLoadBalancer) or not isinstance(balancer.ingress, Internet):
            given = type(balancer).__name__
            if isinstance(balancer, NewLoadBalancer):
                given = f"{given} with ingress {type(balancer.ingress).__name__}"
            yield (
                f"{member.name} has {given}: a member needs a load balancer of its own that is open to the "
                "internet, "
                "where Route 53 asks for its health (CloudFront takes a name for one distribution alone)"
            )
        if member.sleep:
            yield (
                f"{member.name} has sleep, and Route 53 asks it all the time, so that it never would: remove "
                "sleep"
            )


def _data(fleet: Fleet) -> Iterator[str]:
    """Yield what a visitor would not find again in another member."""
    for member in fleet.members:
        if isinstance(member.database, NewDatabase):
            yield (
                f"{member.name} creates a database of its own, and nothing of it is in another region: a "
                "visitor who "
                "comes to another member would not find what they wrote, and a failover would lose it "
                "without a "
                "word. Give all members the same ExistingDatabase (docs/fleet.md says which), or none"
            )
        if member.uploads:
            yield (
                f"{member.name} has uploads in a bucket of its own region, which another member does not "
                "read: keep "
                "them in one bucket that all members name (docs/fleet.md)"
            )
    hosts = {
        each.name: each.database.host for each in fleet.members if isinstance(each.database, ExistingDatabase)
    }
    if len(set(hosts.values())) > 1 or 0 < len(hosts) < len(fleet.members):
        told = ", ".join(f"{each.name}: {hosts.get(each.name, 'none')}" for each in fleet.members)
        yield (
            f"members write to different databases ({told}), so that what is written in one is not in the "
            "other: give "
            "all the same host, the writer endpoint of a global database for example (docs/fleet.md)"
        )
    with_jobs = [each.name for each in fleet.members if each.jobs]
    if len(with_jobs) > 1:
        yield (
            f"jobs are in {', '.join(with_jobs)}, so that each would run once in every region: leave them to "
            "one member"
        )
    for name in sorted(_made_at_random(fleet)):
        yield (
            f"secret {name} is a NewSecret, which is made at random in each member: what one signs, the "
            "other takes "
            "for forged. Store one value in all regions, and name it by SecureParameter or "
            "SecretsManagerSecret"
        )


def _made_at_random(fleet: Fleet) -> set[str]:
    return {
        name
        for each in fleet.members
        for name, choice in each.secrets.items()
        if isinstance(choice, NewSecret)
    }
