"""Mask in every log line the secrets, found by their names, and the values of query strings."""

import re
from typing import Any

from structlog.typing import EventDict

MASK = "***"
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


def masked(value: Any) -> Any:
    """Return the value with every secret in it masked, however deep."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {name: MASK if _is_secret(name, held) else masked(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def _is_secret(name: object, held: object) -> bool:
    return bool(held) and isinstance(name, str) and bool(_NAME.search(name))


def mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask a line, its exception included; a processor of structlog."""
    result: EventDict = masked(event)
    return result
