"""Judge what happens to one resource, by the tables of rules."""

from collections.abc import Container, Iterable, Iterator
from typing import Any, NamedTuple

from tools.assembly import references
from tools.review.engine import Property
from tools.review.iam import is_policy
from tools.review.reasons import VERDICTS, Kind, Verdict
from tools.review.rules.directions import direction
from tools.review.rules.leaves import Leaf, everything, is_function, leaves
from tools.review.rules.table import rule_for, rule_of_resource
from tools.review.values import short


class Judged(NamedTuple):
    """A verdict with its sentence; `what` is the place and both values, or empty for a whole resource."""

    verdict: Verdict
    why: str
    kind: Kind = ""
    what: str = ""


# What these are a part of: where that is new, too, nothing that runs notices.
_PART_OF = {
    "AWS::EC2::Route": "RouteTableId",
    "AWS::ApplicationAutoScaling::ScalableTarget": "ResourceId",
    "AWS::SecretsManager::RotationSchedule": "SecretId",
}


def judged(
    type_name: str,
    effect: str,
    properties: Iterable[Property],
    *,
    added: dict[str, Any] | None = None,
    fresh: Container[str] = (),
    moved: bool = False,
) -> Iterator[Judged]:
    """Yield what to think of a change: of the resource as a whole first, then of each property.

    `added` are the properties of a resource that is new, and `fresh` the ids of all that is. A resource is
    `moved` if it only got another id.
    """
    match effect:
        case "added":
            part_of = references((added or {}).get(_PART_OF.get(type_name, "")))
            inside = [each for each in part_of if each in fresh]
            words = ("added to what is new", "added") if inside else ("added",)
            yield _whole(type_name, "look", "it is new, and no rule knows its kind", *words)
            yield from _within_additions(type_name, everything("", added or {}), fresh=True)
        case "removed":
            effects = [("removed",), ("replaced", "removed")] if moved else [("removed",)]
            found = [
                _whole(type_name, "dangerous", "no rule says that this is harmless", *each)
                for each in effects
            ]
            yield max(found, key=lambda each: VERDICTS.index(each.verdict))
        case "replaced":
            yield _whole(type_name, "dangerous", "no rule says that this is harmless", "replaced", "removed")
            yield from _of_properties(type_name, properties, sure=False)
        case _:
            yield from _of_properties(type_name, properties, sure=True)


def _whole(type_name: str, verdict: Verdict, why: str, *effects: str) -> Judged:
    rule = rule_of_resource(type_name, *effects)
    return Judged(rule.verdict, rule.why, rule.kind) if rule else Judged(verdict, why)


def _within_additions(type_name: str, found: Iterable[Leaf], *, fresh: bool = False) -> Iterator[Judged]:
    for leaf in found:
        rule = rule_for(type_name, leaf.path, None, leaf.new, added=True, fresh=fresh)
        # That something is added is judged as a whole; here counts what is weak in it.
        if rule and (rule.verdict == "dangerous" or rule.kind or direction(rule.when).even_if_new):
            yield Judged(rule.verdict, rule.why, rule.kind, _what(leaf))


def _of_properties(type_name: str, properties: Iterable[Property], *, sure: bool) -> Iterator[Judged]:
    """Yield what to think of properties; what no rule knows counts only where it is `sure` to."""
    for each in properties:
        if is_policy(each.old) or is_policy(each.new):
            continue
        for leaf in leaves(each.path, each.old, each.new):
            if leaf.added:
                yield from _within_additions(type_name, [leaf])
                continue
            rule = rule_for(type_name, leaf.path, leaf.old, leaf.new)
            if rule:
                yield Judged(rule.verdict, rule.why, rule.kind, _what(leaf))
            elif sure:
                yield Judged("look", "no rule knows this change", "", _what(leaf))


def _what(leaf: Leaf) -> str:
    if isinstance(leaf.new, dict) and leaf.old is None and not is_function(leaf.new):
        return f"{leaf.path} is added"
    if isinstance(leaf.old, dict) and leaf.new is None and not is_function(leaf.old):
        return f"{leaf.path} is removed"
    return f"{leaf.path} {short(leaf.old)} → {short(leaf.new)}"
