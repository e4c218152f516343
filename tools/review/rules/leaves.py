"""Find each place at which two values of a template differ."""

from collections.abc import Iterator
from typing import Any, NamedTuple

# A list of things that have one of these is compared by it, since the order of such a list means nothing.
_NAMES = (
    "Name",
    "Key",
    "Id",
    "CapacityProvider",
    "PathPattern",
    "ScheduledActionName",
    "PolicyName",
    "IndexName",
    "ContainerPath",
)


# What these say is understood as a whole only.
_WHOLE = ("Action", "Actions", "DefaultAction", "DefaultActions", "OverrideAction")


class Leaf(NamedTuple):
    """A place that differs; `added` is whether it is within something that is new as a whole."""

    path: str
    old: Any
    new: Any
    added: bool = False


def leaves(path: str, old: Any, new: Any) -> Iterator[Leaf]:
    """Yield each place at which two values differ, with both values."""
    if path.rpartition(".")[2] in _WHOLE:
        yield Leaf(path, old, new)
    elif _is_plain(old) and _is_plain(new) and (old or new):
        yield from _of_mappings(path, old or {}, new or {}, named=False)
    elif _is_list(old) and _is_list(new):
        before, after = by_name(old or []), by_name(new or [])
        if before is not None and after is not None:
            yield from _of_mappings(path, before, after, named=True)
        elif len(old or []) == len(new or []):
            yield from _of_mappings(path, dict(enumerate(old)), dict(enumerate(new)), named=False)
        else:
            gone, come = _without(old or [], new or []), _without(new or [], old or [])
            yield Leaf(path, gone, come)
    else:
        yield Leaf(path, old, new)


def everything(path: str, value: Any) -> Iterator[Leaf]:
    """Yield each place within something that is new."""
    inside = by_name(value) if isinstance(value, list) else value
    if isinstance(inside, dict) and inside and not is_function(inside):
        for key, each in inside.items():
            yield from everything(f"{path}.{key}" if path else str(key), each)
    yield Leaf(path, None, value, added=True)


def _of_mappings(path: str, old: dict[Any, Any], new: dict[Any, Any], *, named: bool) -> Iterator[Leaf]:
    for key in dict.fromkeys((*old, *new)):
        before, after, place = old.get(key), new.get(key), f"{path}.{key}"
        if before == after:
            continue
        whole = named and (before is None or after is None)
        if not whole:
            yield from leaves(place, before, after)
            continue
        yield Leaf(place, before, after)
        if isinstance(after, dict) and not is_function(after):
            yield from (each for each in everything(place, after) if each.path != place)


def is_function(value: dict[str, Any]) -> bool:
    """Return whether a value is known to CloudFormation alone."""
    return len(value) == 1 and str(next(iter(value))).startswith(("Ref", "Fn::"))


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and not is_function(value))


def _is_list(value: Any) -> bool:
    return value is None or isinstance(value, list)


def _without(values: list[Any], others: list[Any]) -> list[Any]:
    return [each for each in values if each not in others]


def by_name(values: list[Any]) -> dict[str, Any] | None:
    """Return a list of named things by their names; None if they have none, or one of them twice."""
    for key in _NAMES:
        if all(isinstance(each, dict) and isinstance(each.get(key), str) for each in values):
            found = {each[key]: each.get("Value", each) for each in values}
            if len(found) == len(values):
                return found
    return None
