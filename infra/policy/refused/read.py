"""Read values of a template that may be missing or known only on deployment."""

import json
from collections.abc import Iterator
from typing import Any

from infra.policy.template import Properties, of_type

Problem = tuple[str, str]

# As long as a name may be that CloudFormation makes; an ARN of it is longer by about this.
_REFERENCE = "x" * 40
_OF_AN_ARN = "arn:aws:iam::123456789012:role/"


def text(value: Any) -> str | None:
    """Return a text that is there; None for anything else, such as a reference."""
    return value if isinstance(value, str) else None


def listed(value: Any) -> list[Any]:
    """Return the members of a list; one value alone counts as a list of it, None as none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def nested(properties: Any, *path: str) -> Any:
    """Return a value inside objects; None where one is missing."""
    for key in path:
        properties = properties.get(key) if isinstance(properties, dict) else None
    return properties


def key_of(value: Any) -> str:
    """Return a text that is the same for the same value, also for a reference."""
    return json.dumps(value, sort_keys=True)


def written(value: Any) -> str:
    """Return a value as JSON in the length that it may have with what CloudFormation puts in."""
    return json.dumps(_filled(value), separators=(",", ":"))


def _filled(value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"} and isinstance(value["Fn::Join"], list) and len(value["Fn::Join"]) == 2:
        separator, parts = value["Fn::Join"]
        return str(separator).join(str(_filled(each)) for each in listed(parts))
    if set(value) == {"Ref"}:
        name = str(value["Ref"])
        return {"AWS::AccountId": "123456789012", "AWS::Partition": "aws", "AWS::Region": "eu-central-1"}.get(
            name, _REFERENCE
        )
    if set(value) == {"Fn::GetAtt"}:
        return f"{_OF_AN_ARN}{_REFERENCE}"
    if len(value) == 1 and next(iter(value)).startswith("Fn::"):
        return _REFERENCE
    return {key: _filled(each) for key, each in value.items()}


def each(template: Properties, *type_names: str) -> Iterator[tuple[str, Properties]]:
    """Yield logical id and properties of each resource of some types."""
    for type_name in type_names:
        yield from of_type(template, type_name)
