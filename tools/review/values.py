"""Write the values of a template in words that fit a line."""

import json
from typing import Any

_VALUE_CHARACTERS = 200
_SHORT_CHARACTERS = 60


def values(old: Any, new: Any) -> tuple[str, str]:
    """Return both values; of long ones, from shortly before they differ."""
    before, after = _written(old), _written(new)
    if max(len(before), len(after)) > _VALUE_CHARACTERS:
        same = next(
            (place for place, two in enumerate(zip(before, after, strict=False)) if len(set(two)) > 1), 0
        )
        before, after = (_part(each, max(0, same - 40), _VALUE_CHARACTERS) for each in (before, after))
    return before, after


def short(value: Any) -> str:
    """Return a value, or its beginning."""
    return _part(_written(value), 0, _SHORT_CHARACTERS) or "none"


def _part(text: str, start: int, most: int) -> str:
    end = start + most
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _written(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, list) and len(value) == 1:
        return _written(value[0])
    if isinstance(value, dict) and len(value) == 1:
        function, argument = next(iter(value.items()))
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt" and isinstance(argument, list):
            return ".".join(map(str, argument))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())
