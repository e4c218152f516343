"""Send every malformed request to a running server and check its answers, and the requests its app got."""

import asyncio
import re
from collections.abc import Collection

from benchmarks.malformed import send
from benchmarks.malformed_requests import CUT, malformed
from tests.service.gunicorn_process import Server

# The path of each request that is hidden in another one contains this text.
MARKER = "/smuggled/"
AT_ONCE = 8
# The statuses of a refusal (RFC 9110): the client's fault, or something that this server lacks.
REFUSAL = re.compile(rb'^HTTP/1\.[01] (4\d\d|501|505) |"status":400')  # HTTP/0.9 has no status line


def check(kind: str, server: Server, app: Server, *, tolerated: Collection[str] = ()) -> str:
    """Check that each is refused or its connection closed; one in `tolerated` may count as one request.

    `app` is the Gunicorn behind `server`, or `server` itself: its access log shows which requests arrived.
    Return a line with the counts.
    """
    requests = {
        name: malformed(hidden=f"{MARKER}{number}".encode())[name] for number, name in enumerate(malformed())
    }
    answers = asyncio.run(_ask_all(server.port, requests))
    begins = {name: answer[:80] for name, answer in answers.items() if answer}
    wrong = {name: begin for name, begin in begins.items() if not REFUSAL.search(begin)}
    assert {*wrong} <= {*tolerated}, wrong
    assert all(answers[name].count(b"HTTP/1.1 200 ") == 1 for name in wrong), wrong
    # The server still answers, and once this request is logged, all earlier ones are.
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
