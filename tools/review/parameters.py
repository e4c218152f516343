"""Compare the parameters of infra/environments.py."""

from collections.abc import Iterable
from typing import Any, NamedTuple

_ABSENT = "-"


class Parameter(NamedTuple):
    """A parameter of one environment before and after, as people would write it."""

    name: str
    old: str
    new: str


def changed(before: dict[str, str], after: dict[str, str]) -> list[Parameter]:
    """Return an environment's parameters that differ; none if one side does not tell them."""
    if not before or not after:
        return []
    names = [*after, *(name for name in before if name not in after)]
    found = {
        name: Parameter(name, before.get(name, _ABSENT), after.get(name, _ABSENT))
        for name in names
        if before.get(name) != after.get(name)
    }
    # If a field changes its class, the fields that only one of the classes has say nothing new.
    return [each for each in found.values() if _ABSENT not in each[1:] or not _within(each.name, found)]


def _within(name: str, others: Iterable[str]) -> bool:
    return any(name.startswith(f"{other}.") for other in others)


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Return every parameter of an environment by its dotted name."""
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        value = {str(each.get("name", place)): each for place, each in enumerate(value)}
    if not isinstance(value, dict):
        return {name: _text(value)}
    found: dict[str, str] = {}
    for key, each in value.items():
        if key == "":  # the class, where a field takes one of several
            found |= {name: str(each)} if name else {}
        else:
            found |= flat(each, f"{name}.{key}" if name else key)
    return found


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    if value is None:
        return "none"
    return str(value)
