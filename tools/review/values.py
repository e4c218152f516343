"""Show where exactly two values of a template differ, in words that fit a line."""

import json
from collections.abc import Iterator
from typing import Any

_VALUE_CHARACTERS = 200


def leaves(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield each path at which two values differ, with both values."""
    if isinstance(old, dict) and isinstance(new, dict) and not _is_function(old) and not _is_function(new):
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) != new.get(key):
                yield from leaves(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        names = [_by_name(old), _by_name(new)]
        if all(names):
            yield from leaves(path, *names)
        elif len(old) == len(new):
            yield from leaves(path, dict(enumerate(old)), dict(enumerate(new)))
        else:
            yield path, [each for each in old if each not in new], [each for each in new if each not in old]
    else:
        yield path, old, new


def _is_function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and str(next(iter(value))).startswith(("Ref", "Fn::"))


def _by_name(values: list[Any]) -> dict[str, Any] | None:
    """Return a list of named things by their names, since their order means nothing."""
    for key in ("Name", "Key"):
        if values and all(isinstance(each, dict) and isinstance(each.get(key), str) for each in values):
            found = {each[key]: each.get("Value", each) for each in values}
            if len(found) == len(values):
                return found
    return None


def values(old: Any, new: Any) -> str:
    """Return both values; of long ones, from shortly before they differ."""
    before, after = _written(old), _written(new)
    if max(len(before), len(after)) > _VALUE_CHARACTERS:
        same = next(
            (place for place, two in enumerate(zip(before, after, strict=False)) if len(set(two)) > 1), 0
        )
        before, after = (_part(each, max(0, same - 40)) for each in (before, after))
    return " → ".join(f"`{text}`" if text else "none" for text in (before, after))


def _part(text: str, start: int) -> str:
    end = start + _VALUE_CHARACTERS
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _written(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, dict) and _is_function(value):
        function, argument = next(iter(value.items()))
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt" and isinstance(argument, list):
            return ".".join(map(str, argument))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split()).replace("`", "'")
