"""Check values that must be one of a list, by the lists of AWS's own resource schemas."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from infra.policy.refused.read import Problem
from infra.policy.template import Properties

LISTS = Path(__file__).resolve().parent / "enums.json"


@cache
def _lists() -> dict[str, dict[str, list[Any]]]:
    return dict(json.loads(LISTS.read_text()))


def values(template: Properties) -> Iterator[Problem]:
    """Yield each literal value that is not in the list of its property."""
    resources = template.get("Resources")
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            continue
        for path, allowed in _lists().get(resource["Type"], {}).items():
            for value in _at(resource.get("Properties"), path.split(".")):
                if isinstance(value, str | int) and str(value) not in map(str, allowed):
                    yield (
                        name,
                        f"{path.replace('[]', '')} is '{value}': use one of {', '.join(map(str, allowed))}",
                    )


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield the values at a path, whose parts that end in [] are lists."""
    if not path:
        yield value
        return
    first, rest = path[0], path[1:]
    depth = first.count("[]")
    found = [value.get(first.replace("[]", ""))] if isinstance(value, dict) else []
    for _ in range(depth):
        found = [member for each in found if isinstance(each, list) for member in each]
    for each in found:
        if each is not None:
            yield from _at(each, rest)
