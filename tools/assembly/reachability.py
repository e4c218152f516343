"""Find who can reach whom on which port, as the security groups of a template allow it."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly.resources import Template, without_hash
from tools.assembly.security_groups import NOBODY, Group, Rule, groups

LOAD_BALANCER = "load balancer"
TASKS = "tasks"
_LABELS = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": LOAD_BALANCER,
    "AWS::ECS::Service": TASKS,
    "AWS::EC2::VPCEndpoint": "VPC endpoint",
}


class Reach(NamedTuple):
    """A possible connection: `source` can reach `target` on `ports`."""

    source: str
    target: str
    ports: str


def reach(template: Template, *, beside: Template | None = None) -> set[Reach]:
    """Return every connection that the security groups allow, inside the template and with the outside.

    Names fit those of the template `beside` it, so that connections of both can be compared.
    """
    known = labels(template, beside=beside)
    return {
        Reach(known.get(source, source), known.get(target, target), allowed.text)
        for source, target, allowed in _allowed(groups(template))
    }


def _allowed(known: dict[str, Group]) -> Iterator[tuple[str, str, Rule]]:
    for group_id, group in known.items():
        for rule in group.ingress:
            for source, allowed in _sources(known, group_id, rule):
                for target in group.carriers or [group_id]:
                    yield source, target, allowed
        for rule in group.egress:
            # Egress to a group of the template is covered by that group's own ingress rules.
            if rule.peer != NOBODY and not _is_own(known, rule.peer):
                for source in group.carriers or [group_id]:
                    yield source, rule.peer, rule


def _sources(known: dict[str, Group], target_id: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    if not _is_own(known, rule.peer):
        yield rule.peer, rule
        return
    source = known[rule.peer]
    for way_out in source.egress:
        # A range of addresses may include the target; another security group does not.
        leads_there = way_out.peer == target_id or not _is_own(known, way_out.peer)
        allowed = rule.both(way_out) if leads_there and way_out.peer != NOBODY else None
        if allowed:
            for carrier in source.carriers or [rule.peer]:
                yield carrier, allowed


def _is_own(known: dict[str, Group], peer: str) -> bool:
    return peer in known and known[peer].own


def labels(template: Template, *, beside: Template | None = None) -> dict[str, str]:
    """Return a short name for each resource, with its logical id where there are several of its type."""
    several = [
        Counter(resource.get("Type") for resource in each["Resources"].values())
        for each in (template, beside)
        if each
    ]
    return {
        logical_id: _LABELS[kind]
        if kind in _LABELS and all(counts[kind] <= 1 for counts in several)
        else f"{_LABELS.get(kind, '')} {without_hash(logical_id)}".strip()
        for logical_id, kind in (
            (logical_id, resource["Type"]) for logical_id, resource in template["Resources"].items()
        )
    }
