"""Count the malformed requests that a server answers with 2xx instead of refusing them.

A malformed request breaks HTTP's grammar or hides (smuggles) a second request. Each has a connection of its
own; then sound requests show that the server still answers. `smuggled` counts the requests answered twice:
behind a proxy that reads them differently, another client would get the second answer.
"""

import asyncio
import contextlib
import re

from benchmarks import report
from benchmarks.malformed_requests import CUT, SOUND, malformed
from benchmarks.quiet import Row
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
AT_ONCE = 4
SILENCE_S = 1.0


async def send(port: int, request: bytes, *, cut: bool) -> bytes:
    """Send a request; return all that comes back until the server closes or is silent for a second.

    With `cut` the client closes its side after the request.
    """
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
    """Count the 2xx answers among the received bytes; an answer without a head, as in HTTP/0.9, is one."""
    heads = re.findall(rb"HTTP/1\.[01] (\d)\d\d", answer)
    return heads.count(b"2") if heads else int(answer.startswith(b"done"))


async def _answers(server: Server) -> dict[str, int]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(name: str, request: bytes) -> tuple[str, int]:
        async with gate:
            return name, accepted(await send(server.port, request, cut=name == CUT))

    return dict(await asyncio.gather(*(ask(*each) for each in malformed().items())))


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
    """Fail if the server refuses a sound request: one that refuses everything would have the best figures."""
    for name, request in SOUND.items():
        if not accepted(answer := await send(server.port, request, cut=False)):
            raise SystemExit(f"{server.kind} refuses a sound request ({name}): {answer[:200]!r}")


def main() -> None:
    """Measure, and write the results to malformed.json."""
    given = report.arguments("malformed", __doc__, KINDS)
    if given.quick and not given.only:
        given.kinds = ["ours"]
    rows = [asyncio.run(_row(kind)) for kind in given.kinds]
    report.write("malformed", given, rows)


if __name__ == "__main__":
    main()
