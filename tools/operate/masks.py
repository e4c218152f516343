"""Mask what a stranger need not see, so that lines can be pasted anywhere."""

import re

# The longer and surer first: what one has masked, no other finds.
_MASKS = (
    (re.compile(r"(?<=://)[^\s/@]+(?=@)"), "***"),  # user:password@ of an address
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), "***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "***"),  # a JSON web token
    (
        re.compile(
            r"(?i)(\b[\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|cookie)[\w-]*"
            r"[\"\']?\s*[:=]\s*)(?:(?:bearer|basic)\s+)?(\"[^\"]*\"|\'[^\']*\'|[^\s,;&}]+)"
        ),
        r"\1***",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "MAIL"),
    (re.compile(r"\b\d{12}\b"), "ACCOUNT"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "ADDRESS"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b(?=[\w+/]*\d)[A-Za-z0-9+/_]{32,}={0,2}"), "***"),
)


def masked(text: str) -> str:
    """Return text without passwords, keys, tokens, mail addresses, accounts and network addresses."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text
