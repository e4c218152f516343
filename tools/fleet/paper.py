"""Rehearse on paper what happens when a member of a fleet fails: who answers, how late, what of the data."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.parameters import Environment, ExistingDatabase, Fleet, Rolling
from tools.fleet.answers import answers

# Checks of infra/front_door/domain_names.py: three failures, 30 s apart. Resolvers keep an alias record of a
# load balancer for 60 s:
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
CHECK_S, FAILURES, TTL_S = 30, 3, 60


class Case(NamedTuple):
    """One failure: of whom, who answers a visitor near each member then, and after how many seconds."""

    fails: str
    answers: dict[str, str]
    within_s: int


def records(fleet: Fleet) -> list[dict[str, Any]]:
    """Return the records of a fleet's name as Route 53's API would, each with its member's health check."""
    made: list[dict[str, Any]] = []
    for member in fleet.members:
        membership = fleet.membership(member)
        if not membership:
            continue
        kinds: dict[str, dict[str, Any]] = {
            "latency": {"Region": member.region},
            "weighted": {"Weight": membership.weight},
            "failover": {"Failover": "PRIMARY" if membership.primary else "SECONDARY"},
        }
        made.append({"SetIdentifier": member.name, "HealthCheckId": member.name, **kinds[fleet.routing]})
    return made


def cases(fleet: Fleet) -> Iterator[Case]:
    """Yield the day on which nothing fails, and each member's failure."""
    for failing in (None, *fleet.members):
        yield Case(
            failing.name if failing else "nobody",
            {each.name: _answered(fleet, failing, near=each) for each in fleet.members},
            noticed_s(failing) + TTL_S if failing else 0,
        )


def noticed_s(member: Environment) -> int:
    """Return the seconds until Route 53 leaves out a member whose tasks are all gone.

    It looks from outside, and at the load balancer's targets, whose own checks may be faster; but not where a
    deployment has a second target group, which is empty.
    """
    check = member.health_check
    if not isinstance(member.deployment, Rolling) or member.deployment.alternate:
        return CHECK_S * FAILURES
    return min(CHECK_S * FAILURES, check.interval_s * check.unhealthy_count)


def _answered(fleet: Fleet, failing: Environment | None, *, near: Environment) -> str:
    others = [each.region for each in fleet.members if each.region != near.region]
    found = answers(
        records(fleet),
        failing={failing.name} if failing else set(),
        nearest=[near.region, *others],
    )
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{name} {share:.0f} %" for name, share in found.items())


def of_the_data(fleet: Fleet) -> str:
    """Say what a failure means for what visitors wrote."""
    database = fleet.members[0].database
    if not isinstance(database, ExistingDatabase):
        return (
            "No database: nothing is lost but what requests were doing, and what tasks kept to themselves "
            "(caches, queues)."
        )
    return (
        f"All members write to {database.host}. While its region fails nobody can write, whichever member "
        "answers, "
        "unless it is the writer endpoint of a global database: promote the other region, and what had not "
        "been "
        "copied yet, a second of writes or so, is lost. docs/fleet.md has the steps."
    )
