"""Check that environments can use the load balancer and network of another one."""

from collections.abc import Iterator, Sequence

from infra.parameters.environment import Environment
from infra.parameters.ingress import CloudFront
from infra.parameters.load_balancer import NewLoadBalancer, SharedLoadBalancer
from infra.parameters.network import NewVpc
from infra.parameters.subnets import most_tasks_at_once, room_for_tasks


class SharingError(ValueError):
    """An environment that cannot share the load balancer that it names."""


def owners_first(environments: Sequence[Environment]) -> list[Environment]:
    """Return the environments in an order in which owners of load balancers come first.

    Raises SharingError if an environment cannot share the load balancer that it names.
    """
    by_name = {environment.name: environment for environment in environments}
    taken: dict[tuple[str, int], str] = {}
    for environment in environments:
        balancer = environment.load_balancer
        if not isinstance(balancer, SharedLoadBalancer):
            continue
        owner = by_name.get(balancer.owner)
        if owner is None:
            raise SharingError(
                f"{environment.name}: load_balancer.owner is '{balancer.owner}', but the environments are "
                f"{', '.join(by_name)}"
            )
        for problem in _problems(environment, owner):
            raise SharingError(f"{environment.name}: {problem}")
        other = taken.setdefault((balancer.owner, balancer.rule_priority), environment.name)
        if other != environment.name:
            raise SharingError(
                f"{environment.name}: load_balancer.rule_priority {balancer.rule_priority} is that of "
                f"'{other}' already: give each environment one of its own"
            )
    _refuse_crowds(environments)
    return sorted(environments, key=lambda each: isinstance(each.load_balancer, SharedLoadBalancer))


def owner_serves_names(environment: Environment, owner: Environment) -> bool:
    """Return whether the owner's certificates and DNS records include all names of the environment."""
    return bool(
        owner.domain
        and environment.domain
        and all(owner.domain.covers(name) for name in environment.domain.names)
    )


def _refuse_crowds(environments: Sequence[Environment]) -> None:
    """Raise SharingError where the owner's subnets have too few addresses for the tasks of all who share."""
    for owner in environments:
        here = [
            each
            for each in environments
            if isinstance(each.load_balancer, SharedLoadBalancer) and each.load_balancer.owner == owner.name
        ]
        if not here or not isinstance(owner.network, NewVpc):
            continue
        room = room_for_tasks(owner, owner.network)
        needed = {each.name: most_tasks_at_once(each) for each in (owner, *here)}
        if sum(needed.values()) > room:
            raise SharingError(
                f"{', '.join(needed)} run up to {sum(needed.values())} tasks during deployments, but the "
                f"subnets of '{owner.name}' have addresses for {room}: give its network a larger cidr or an "
                "egress with private subnets, or lower tasks.max"
            )


def _problems(environment: Environment, owner: Environment) -> Iterator[str]:
    if not isinstance(owner.load_balancer, NewLoadBalancer) or owner.domain is None:
        yield (
            f"load_balancer.owner is '{owner.name}', which needs a load balancer of its own and a domain, "
            "to have a listener for HTTPS"
        )
        return
    if (environment.account, environment.region) != (owner.account, owner.region):
        yield (
            f"its account and region are {environment.account} and {environment.region}, those of "
            f"load_balancer.owner '{owner.name}' {owner.account} and {owner.region}: they must be the same"
        )
    if owner.timeouts.alb_idle_s <= environment.longest_request_s:
        yield (
            f"longest_request_s is {environment.longest_request_s}, but the load balancer of '{owner.name}' "
            f"answers 504 after {owner.timeouts.alb_idle_s} s: raise longest_request_s there or lower it here"
        )
    if isinstance(owner.load_balancer.ingress, CloudFront) and not owner_serves_names(environment, owner):
        yield (
            f"the load balancer of '{owner.name}' is behind CloudFront, which must know the domain "
            f"'{environment.domain and environment.domain.name}': add it, or a wildcard, to the aliases there"
        )
