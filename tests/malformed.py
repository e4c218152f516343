"""Every malformed request, sent to a running server; what it answered, and what its app got to see."""

import asyncio
import re
from collections.abc import Collection

from benchmarks.malformed import send
from benchmarks.malformed_requests import CUT, malformed
from tests.service.gunicorn_process import Server

# Found in the path of each request that is hidden in another.
MARKER = "/smuggled/"
AT_ONCE = 8
# Refused, as RFC 9110 has it: the client's fault, or what this server does not implement.
REFUSAL = re.compile(rb"^HTTP/1\.[01] (4\d\d|501|505) |<title>400 Bad Request")  # HTTP/0.9 has no status line


def check(kind: str, server: Server, app: Server, *, tolerated: Collection[str] = ()) -> str:
    """Each is refused or its connection closed; `tolerated` may be taken for one request, and no more.

    `app` is the Gunicorn behind `server`, or `server` itself: its access log tells what arrived. Returns the
    counts.
    """
    requests = {
        name: malformed(hidden=f"{MARKER}{number}".encode())[name] for number, name in enumerate(malformed())
    }
    answers = asyncio.run(_ask_all(server.port, requests))
    begins = {name: answer[:80] for name, answer in answers.items() if answer}
    wrong = {name: begin for name, begin in begins.items() if not REFUSAL.search(begin)}
    assert {*wrong} <= {*tolerated}, wrong
    assert all(answers[name].count(b"HTTP/1.1 200 ") == 1 for name in wrong), wrong
    # Still there, and all that was to be logged before this is.
    assert server.get("/version?after-the-malformed")[0].status == 200
    smuggled = [line["path"] for line in app.lines_with(logger="service.access") if MARKER in line["path"]]
    assert smuggled == []
    return (
        f"malformed, {kind}: requests tried: {len(requests)}, refused: {len(requests) - len(wrong)}, "
        f"taken for one: {len(wrong)}, smuggled: {len(smuggled)}"
    )


async def _ask_all(port: int, requests: dict[str, bytes]) -> dict[str, bytes]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(name: str, request: bytes) -> tuple[str, bytes]:
        async with gate:
            return name, await send(port, request, cut=name == CUT)

    return dict(await asyncio.gather(*(ask(*each) for each in requests.items())))
