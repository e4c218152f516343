"""Measure health checks and normal requests while 500 slow or hostile clients keep their sockets open.

Each attack opens its sockets first; then normal requests come at a steady rate. Health checks come so often
that the slowest 1 % of them are more than one check.
"""

import asyncio
import contextlib

from benchmarks import client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
THREADS = 16
# Each attack: the bytes that are sent at once, and the bytes that follow every second.
ATTACKS = {
    "none": (b"", b""),
    "silence": (b"", b""),
    "head": (b"GET /work HTTP/1.1\r\nHost: a\r\n", b"X-Slow: a\r\n"),
    "body": (b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"a"),
}


async def _trickle(port: int, first: bytes, then: bytes, after_s: float) -> None:
    await asyncio.sleep(after_s)  # independent clients do not send in the same moment
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(first)
            while True:
                await asyncio.sleep(1)
                writer.write(then)
                await writer.drain()
        finally:
            writer.transport.abort()


async def _row(kind: str, attack: str, count: int, seconds: float) -> Row:
    with running(kind, threads=THREADS) as server:
        sockets = 0 if attack == "none" else count
        slow = [
            asyncio.create_task(_trickle(server.port, *ATTACKS[attack], after_s=number / sockets))
            for number in range(sockets)
        ]
        await asyncio.sleep(2)  # by then all have connected and sent their first bytes
        answers, health = await _normal(server, seconds)
        memory, threads = server.memory_mib(), server.threads()
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    return {
        "sockets": sockets,
        "answered": answers.good(),
        "of": sum(map(len, answers.by_status.values())),
        "p50 ms": answers.percentile_ms(50),
        "p99 ms": answers.percentile_ms(99),
        "health answered": health.good(),
        "health of": sum(map(len, health.by_status.values())),
        "health p99 ms": health.percentile_ms(99),
        "MiB": memory,
        "threads": threads,
    }


async def _normal(server: Server, seconds: float) -> tuple[client.Answers, client.Answers]:
    asker, health = client.Client(server.port, reuse=False), client.Client(server.port, reuse=False)
    work = client.get("/work?cpu_ms=1&sleep_ms=10")
    return await asyncio.gather(
        client.open_loop(asker, work, per_s=50, seconds=seconds),
        client.open_loop(health, client.get("/healthz"), per_s=40, seconds=seconds),
    )


async def _all(kinds: list[str], quiet: Quiet, *, quick: bool) -> list[Row]:
    rows: list[Row] = []
    sockets, seconds = (50, 1.0) if quick else (500, 6.0)
    for attack in ("body",) if quick else ATTACKS:
        for kind in kinds:
            like = {"server": kind, "attack": attack}
            rows.append(await quiet.row(like, _row, kind, attack, sockets, seconds))
    return rows


def main() -> None:
    """Measure, and write the results to slow_clients.json."""
    given = report.arguments("slow_clients", __doc__, KINDS)
    rows = asyncio.run(_all(given.kinds, given.quiet, quick=given.quick))
    report.write("slow_clients", given, rows, threads=THREADS)


if __name__ == "__main__":
    main()
