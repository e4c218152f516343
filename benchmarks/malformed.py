"""Malformed requests: how many are answered 2xx, of those that break HTTP's grammar or smuggle another.

Each goes over a connection of its own; then two sound requests show that the server still answers. `smuggled`
counts those answered twice: behind a proxy that reads them otherwise, the second would be another client's.
"""

import asyncio
import contextlib
import re

from benchmarks import report
from benchmarks.quiet import Row
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
AT_ONCE = 4
SILENCE_S = 1.0
_NEXT = b"GET /work HTTP/1.1\r\nHost: a\r\n\r\n"


def _get(*lines: bytes, target: bytes = b"/work", first: bytes = b"") -> bytes:
    return b"\r\n".join([first or b"GET %b HTTP/1.1" % target, b"Host: a", *lines, b"", b""])


def _post(*lines: bytes, body: bytes = b"hello") -> bytes:
    return b"\r\n".join([b"POST /upload HTTP/1.1", b"Host: a", *lines, b"", body])


def _chunked(body: bytes) -> bytes:
    return _post(b"Transfer-Encoding: chunked", body=body)


_LENGTH, _CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"
_LAST = b"0\r\n\r\n"
SOUND = {
    "get": _get(),
    "post": _post(_LENGTH),
    "chunks": _chunked(b"5\r\nhello\r\n" + _LAST),
}
# https://www.rfc-editor.org/rfc/rfc9112 has the rule that each breaks.
MALFORMED = {
    "CL.TE": _post(b"Content-Length: %d" % len(_LAST + _NEXT), _CHUNKED, body=_LAST + _NEXT),
    "TE.CL": _post(_CHUNKED, b"Content-Length: 4", body=b"%x\r\n%b\r\n" % (len(_NEXT), _NEXT) + _LAST),
    "two lengths": _post(_LENGTH, b"Content-Length: %d" % (5 + len(_NEXT)), body=b"hello" + _NEXT),
    "list of lengths": _post(b"Content-Length: 5, 6"),
    "length with a plus": _post(b"Content-Length: +5"),
    "negative length": _post(b"Content-Length: -5"),
    "hexadecimal length": _post(b"Content-Length: 0x5"),
    "length with an underscore": _post(b"Content-Length: 0_5"),
    "length in words": _post(b"Content-Length: five"),
    "space before the length's colon": _post(b"Content-Length : 5"),
    "space before the coding's colon": _post(b"Transfer-Encoding : chunked", body=_LAST),
    "unknown coding": _post(b"Transfer-Encoding: xchunked", body=_LAST),
    "chunked is not last": _post(b"Transfer-Encoding: chunked, identity", body=_LAST),
    "chunked twice": _post(_CHUNKED, _CHUNKED, body=_LAST),
    "chunks in HTTP/1.0": _post(_CHUNKED, body=_LAST).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
    "chunk size is no number": _chunked(b"zz\r\nhello\r\n" + _LAST),
    "chunk size is negative": _chunked(b"-5\r\nhello\r\n" + _LAST),
    "chunk size 0x5": _chunked(b"0x5\r\nhello\r\n" + _LAST),
    "chunk size beyond 64 bits": _chunked(b"10000000000000005\r\nhello\r\n" + _LAST),
    "chunk longer than its size": _chunked(b"3\r\nhello\r\n" + _LAST),
    "chunk size ends with LF": _chunked(b"5\nhello\r\n" + _LAST),
    "cut body": _post(b"Content-Length: 50"),
    "folded header": _get(b"X-A: b", b" c"),
    "space before the first header": _get(first=b"GET /work HTTP/1.1\r\n X-A: b"),
    "header without a colon": _get(b"X-A"),
    "header without a name": _get(b": b"),
    "space in a header's name": _get(b"X A: b"),
    "NUL in a header": _get(b"X-A: b\0c"),
    "CR in a header": _get(b"X-A: b\rX-B: c"),
    "lines end with LF": _get().replace(b"\r\n", b"\n"),
    "NUL in the target": _get(target=b"/work?\0"),
    "space in the target": _get(target=b"/work ?a"),
    "no Host": b"GET /work HTTP/1.1\r\n\r\n",
    "two Hosts": _get(b"Host: b"),
    "HTTP/0.9": b"GET /work\r\n\r\n",
    "HTTP/1.10": _get(first=b"GET /work HTTP/1.10"),
    "HTTP/3.0": _get(first=b"GET /work HTTP/3.0"),
    "method in brackets": _get(first=b"(GET) /work HTTP/1.1"),
    "garbage": bytes(range(128, 256)) + b"\r\n\r\n",
    "header of 100 KiB": _get(b"X-A: " + b"b" * 102400),
    "target of 100 KiB": _get(target=b"/work?" + b"a" * 102400),
    "1,000 headers": _get(*(b"X-%d: a" % number for number in range(1000))),
}


async def _send(port: int, request: bytes, *, cut: bool) -> bytes:
    """What comes back until the server closes, or is silent for a second."""
    received = b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(OSError, TimeoutError):
        writer.write(request)
        if cut:
            writer.write_eof()
        while data := await asyncio.wait_for(reader.read(65536), SILENCE_S):
            received += data
    writer.transport.abort()
    return received


def accepted(answer: bytes) -> int:
    """How many 2xx answers it holds; an answer without a head, as in HTTP/0.9, is one."""
    heads = re.findall(rb"HTTP/1\.[01] (\d)\d\d", answer)
    return heads.count(b"2") if heads else int(answer.startswith(b"done"))


async def _answers(server: Server) -> dict[str, int]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(name: str, request: bytes) -> tuple[str, int]:
        async with gate:
            return name, accepted(await _send(server.port, request, cut=name == "cut body"))

    return dict(await asyncio.gather(*(ask(*each) for each in MALFORMED.items())))


async def _row(kind: str) -> Row:
    with running(kind, threads=16) as server:
        await _sound(server)
        found = await _answers(server)
        await _sound(server)
    return {
        "server": kind,
        "answered 2xx": sum(count > 0 for count in found.values()),
        "of": len(found),
        "smuggled": sum(count > 1 for count in found.values()),
        "which": [name for name, count in found.items() if count],
    }


async def _sound(server: Server) -> None:
    """A server that refuses everything would have the best figures."""
    for name, request in SOUND.items():
        if not accepted(answer := await _send(server.port, request, cut=False)):
            raise SystemExit(f"{server.kind} refuses a sound request ({name}): {answer[:200]!r}")


def main() -> None:
    """Measure and write malformed.json."""
    given = report.arguments("malformed", __doc__, KINDS)
    if given.quick and not given.only:
        given.kinds = ["ours"]
    rows = [asyncio.run(_row(kind)) for kind in given.kinds]
    report.write("malformed", given, rows)


if __name__ == "__main__":
    main()
