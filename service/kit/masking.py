"""Mask in every log line the secrets, found by their names, and the values of query strings."""

import re
from typing import Any

from structlog.typing import EventDict

MASK = "***"
CUT = "..."
MAX_DEPTH = 32
_NAMES = (
    r"authorization|cookie|passw(?:or)?d|pwd|passphrase|secret|token|credential|signature|session_?id|key"
)
_NAME = re.compile(rf"(?:{_NAMES})s?$", re.IGNORECASE)
_VALUE = r"""(?:"[^"\r\n]*"|'[^'\r\n]*'|[^\s,;&)}\]"']+)"""
_RULES = [
    # Mask to the end of the line: the value of a header may have spaces, and a cookie several parts.
    (re.compile(r"""(?i)\b((?:authorization|cookie)["']?\s*[:=]\s*)[^\r\n]+"""), rf"\1{MASK}"),
    (re.compile(r"(?i)\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}"), rf"\1{MASK}"),
    # password in scheme://user:password@host
    (re.compile(r"(://[^\s:/@]{0,256}:)[^\s/@]+@"), rf"\1{MASK}@"),
    (re.compile(r"([?&][\w.~%\[\]-]{1,256}=)[^&\s#'\")]+"), rf"\1{MASK}"),
    (re.compile(rf"""(?i)((?:{_NAMES})s?["']?\s{{0,8}}[:=]\s{{0,8}}){_VALUE}"""), rf"\1{MASK}"),
]


def masked_text(text: str) -> str:
    """Return the text with values masked that follow a name such as password= or stand in a query string."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def masked(value: Any, _inside: tuple[int, ...] = ()) -> Any:
    """Return the value with every secret in it masked; cut below MAX_DEPTH and where it holds itself."""
    if isinstance(value, str):
        return masked_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return _masked_object(value)
    if len(_inside) == MAX_DEPTH or id(value) in _inside:
        return CUT
    inside = (*_inside, id(value))
    if isinstance(value, dict):
        return {
            _key(name): MASK if _is_secret(name, held) else masked(held, inside)
            for name, held in value.items()
        }
    return [masked(item, inside) for item in value]


def _key(name: object) -> object:
    return name if isinstance(name, str | int | float | None) else _masked_object(name)


def _masked_object(value: Any) -> str:
    # The renderer would write its repr(), in which a model or a dataclass shows each field.
    try:
        return masked_text(repr(value))
    except Exception:  # noqa: BLE001 (a repr() may raise anything; the line must be written)
        return f"<{type(value).__name__}>"


def _is_secret(name: object, held: object) -> bool:
    return bool(held) and isinstance(name, str) and bool(_NAME.search(name))


def mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask a line, its exception included; a processor of structlog."""
    result: EventDict = masked(event)
    return result
