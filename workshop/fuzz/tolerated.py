"""Name what nginx and Apache read although h11 refuses it; docs/http.md lists it, too."""

import re

_TRAILER = "200 for what h11 refuses: Only Transfer-Encoding: chunked is supported in a body"

TOLERATED = {
    "nginx": {
        "a coding after the last chunk": _TRAILER,
        "a header without a colon, to which nginx adds one": r"200 for .* header line: bytearray\(b'[^:]*'\)",
        "CR twice before LF, which ends a line": r"200 for .* header line: bytearray\(b'.*\\r'\)",
        "any Connection, which nginx replaces": r"200 for .* header line: bytearray\(b'Connection:",
        "CR before a request": r"200 for .* request line: bytearray\(b'\\r",
        "anything after the last chunk up to an empty line, which nginx forgets": (
            r"200 for what h11 refuses: (continuation line at start of headers"
            r"|illegal header line: .* in a body$)"
        ),
        "words behind the size of a chunk, which nginx skips as it does an extension": (
            r"200 for what h11 refuses: illegal chunk header: bytearray\(b'[0-9a-fA-F]+ "
        ),
    },
    "apache": {
        "a coding after the last chunk, which nobody passes on": _TRAILER,
        "several slashes at the beginning of a path, which become one": (
            r"another request than h11 reads: \('(\w+)', '(/.*)', (\d+, \d+)\), \('\1', '/+\2', \3\)"
        ),
    },
}


def tolerated(kind: str, said: str) -> bool:
    """Return whether this finding is one of those."""
    return any(re.match(pattern, said) for pattern in TOLERATED[kind].values())
