"""Define a seeded change, and short ways to write one down."""

import copy
from collections.abc import Iterable
from typing import Any, NamedTuple

Template = dict[str, Any]
SAFE, LOOK, DANGEROUS = "safe", "look", "dangerous"


class Case(NamedTuple):
    """A change, the verdict it should get, whether it lets somebody do more, and words of the reason.

    `source` is the public report of somebody to whom it happened.
    """

    what: str
    old: Template
    new: Template
    verdict: str
    wider: bool = False
    says: str = ""
    source: str = ""
    environment: str = "aws://111122223333/eu-west-1"


Row = tuple[Any, ...]


def template(**resources: Any) -> Template:
    return {"Resources": resources}


def resource(type_name: str, properties: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type_name}", "Properties": properties, **attributes}


def of(
    type_name: str, base: dict[str, Any], rows: Iterable[Row], *, beside: Template | None = None
) -> list[Case]:
    """Return changes of one resource: (what, {path: new value}, verdict, wider, words); None takes away."""
    found = []
    for what, edits, verdict, *rest in rows:
        old = {**template(It=resource(type_name, base))["Resources"], **(beside or {})}
        new = {**template(It=resource(type_name, edited(base, edits)))["Resources"], **(beside or {})}
        found.append(Case(f"{type_name}: {what}", template(**old), template(**new), verdict, *rest))
    return found


def edited(base: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    """Return properties with other values at paths such as `A.0.B`; a value of None takes one away."""
    found = copy.deepcopy(base)
    for path, value in edits.items():
        *way, last = path.split("/")
        place: Any = found
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if isinstance(place, list):
            if last == "+":
                place.append(value)
            elif value is None:
                del place[int(last)]
            else:
                place[int(last)] = value
        elif value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return found


def added(
    what: str, type_name: str, properties: dict[str, Any], verdict: str, wider: bool = False, says: str = ""
) -> Case:
    new = template(It=resource(type_name, properties), Topic=resource("SNS::Topic", {}))
    return Case(
        f"{type_name} added: {what}", template(Topic=resource("SNS::Topic", {})), new, verdict, wider, says
    )


def removed(
    what: str, type_name: str, properties: dict[str, Any], verdict: str, wider: bool = False, says: str = ""
) -> Case:
    old = template(It=resource(type_name, properties), Topic=resource("SNS::Topic", {}))
    return Case(
        f"{type_name} removed: {what}", old, template(Topic=resource("SNS::Topic", {})), verdict, wider, says
    )
