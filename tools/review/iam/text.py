"""Write values of a template as text, functions of CloudFormation too, so that they can be compared."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from tools.assembly import as_list

_HASHED = re.compile(r"\$\{(\w+?)[0-9A-F]{8}(?=[.}])")


def text(value: Any) -> str:
    """Return a value as `Fn::Sub` would write it; ids lose their hash, since another id is no other right."""
    return _HASHED.sub(r"${\1", _text(value)).replace("${AWS::Partition}", "aws")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        match name, argument:
            case "Ref", str():
                return f"${{{argument}}}"
            case "Fn::GetAtt", [str() as id, *rest]:
                return f"${{{id}.{'.'.join(map(_text, rest))}}}"
            case "Fn::GetAtt", str():
                return f"${{{argument}}}"
            case "Fn::Sub", str():
                return argument
            case "Fn::Sub", [str() as pattern, dict() as known]:
                for key, each in known.items():
                    pattern = pattern.replace(f"${{{key}}}", _text(each))
                return pattern
            case "Fn::Join", [str() as between, list() as parts]:
                return between.join(map(_text, parts))
    return json.dumps(value, sort_keys=True)


def texts(values: Any) -> tuple[str, ...]:
    """Return one value or a list of them as texts."""
    return tuple(text(each) for each in as_list(values))


def covers(known: str, other: str, *, any_case: bool = False) -> bool:
    """Return whether a pattern with `*` and `?` matches all that another one does."""
    if any_case:
        known, other = known.lower(), other.lower()
    # `?` is one character, which a `*` need not be. `[` has no meaning in IAM.
    pattern = known.replace("[", "[[]")
    if "?" in pattern and "*" in other:
        return known == other
    return fnmatchcase(other, pattern)


def overlaps(pattern: str, name: str) -> bool:
    """Return whether a pattern of actions matches this action."""
    return covers(pattern, name, any_case=True)
