"""Make streams of bytes: requests in a row, sound ones and broken ones."""

import random
import re

from benchmarks.malformed_requests import malformed

HIDDEN = "/hidden"
_PIECES = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\x0b",
        b"\t",
        b" ",
        b":",
        b";",
        b",",
        b"\x80",
        b"%2e",
        b"/../",
        b"%00",
        b"#",
    ),
    *(b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n"),
    *(b"Transfer-Encoding: identity\r\n", b"Expect: 100-continue\r\n", b"Connection: close\r\n"),
    *(b"Connection: Content-Length\r\n", b"Trailer: Host\r\n", b"Upgrade: h2c\r\n", b" folded\r\n"),
    *(b"0\r\n\r\n", b"1\r\nx\r\n", b"ffffffffffffffff\r\n", b"0x1\r\n", b"-1\r\n", b"5;a=b\r\n", b"\r\n\r\n"),
    *(b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"GET ", b"http://a/"),
)
_MALFORMED = sorted(malformed(hidden=HIDDEN.encode()).items())
_BROKEN_SHARE = 0.5
_MOST_BYTES = 60_000  # the sizes have tests of their own


def stream(seed: int) -> bytes:
    """Return the stream of this number: the same number gives the same bytes."""
    chance = random.Random(seed)  # noqa: S311 (the same number must give the same bytes)
    requests = [_request(chance, f"/t/{seed}-{place}") for place in range(chance.randint(1, 3))]
    return b"".join(requests) + b"GET /last/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % seed


def _request(chance: random.Random, target: str) -> bytes:
    made = _sound(chance, target)
    if chance.random() > _BROKEN_SHARE:
        return made
    if chance.random() < 0.4:
        made = (
            chance.choice(_MALFORMED)[1]
            .replace(b"/work", target.encode())
            .replace(b"/upload", target.encode())
        )
        if len(made) > _MOST_BYTES:
            return _sound(chance, target)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        made = _changed(chance, made)
    return made


def _sound(chance: random.Random, target: str) -> bytes:
    method = chance.choice(("GET", "GET", "POST", "POST", "PUT", "DELETE"))
    head = [f"{method} {target} HTTP/1.1", "Host: a"]
    head += chance.sample(
        ["Accept: */*", "X-A: b", "Connection: keep-alive", "Cookie: a=b", "Accept-Encoding: gzip"], 2
    )
    body = b""
    if method in {"POST", "PUT"}:
        content = f"GET {HIDDEN} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * chance.randint(0, 2)
        if chance.random() < 0.5:
            head.append(f"Content-Length: {len(content)}")
            body = content
        else:
            head.append("Transfer-Encoding: chunked")
            body = (
                b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in _cut(chance, content))
                + b"0\r\n\r\n"
            )
    return "\r\n".join([*head, "", ""]).encode() + body


def _cut(chance: random.Random, content: bytes) -> list[bytes]:
    at = chance.randint(0, len(content))
    return [piece for piece in (content[:at], content[at:]) if piece]


def _changed(chance: random.Random, made: bytes) -> bytes:
    at = chance.randrange(len(made) + 1)
    match chance.randrange(7):
        case 0:
            return made[:at] + chance.choice(_PIECES) + made[at:]
        case 1:
            return made[:at] + made[at + 1 :]
        case 2:
            return made[:at] + bytes([chance.randrange(256)]) + made[at + 1 :]
        case 3:  # a line twice, or elsewhere
            lines = made.split(b"\r\n")
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
            return b"\r\n".join(lines)
        case 4:  # a piece where a line begins, which is where headers stand
            starts = [each.end() for each in re.finditer(rb"\r\n", made)] or [0]
            at = chance.choice(starts)
            return made[:at] + chance.choice(_PIECES) + made[at:]
        case 5:  # another number
            return re.sub(rb"\d+", lambda _: b"%d" % chance.choice((0, 1, 4, 5, 60, 10**20)), made, count=1)
        case _:
            return made[:at] + made[at:].replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\n ")), 1)
