"""Slow and hostile clients: what health checks and normal requests feel while 500 sockets trickle.

Each attack is opened first; then normal requests come at a steady rate, and ten health checks a second.
"""

import asyncio
import contextlib

from benchmarks import client, report
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
THREADS = 16
# What is sent at once, and what follows every second.
ATTACKS = {
    "none": (b"", b""),
    "silence": (b"", b""),
    "head": (b"GET /work HTTP/1.1\r\nHost: a\r\n", b"X-Slow: a\r\n"),
    "body": (b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"a"),
}


async def _trickle(port: int, first: bytes, then: bytes) -> None:
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


async def _row(kind: str, attack: str, count: int, seconds: float) -> report.Row:
    with running(kind, threads=THREADS) as server:
        sockets = 0 if attack == "none" else count
        slow = [asyncio.create_task(_trickle(server.port, *ATTACKS[attack])) for _ in range(sockets)]
        await asyncio.sleep(2)  # all have connected and sent their first bytes
        answers, health = await _normal(server, seconds)
        memory = server.memory_mib()
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
    return {
        "server": kind,
        "attack": attack,
        "sockets": sockets,
        "answered": answers.good(),
        "of": sum(map(len, answers.by_status.values())),
        "p50 ms": answers.percentile_ms(50),
        "p99 ms": answers.percentile_ms(99),
        "health answered": health.good(),
        "health of": sum(map(len, health.by_status.values())),
        "health p99 ms": health.percentile_ms(99),
        "MiB": memory,
    }


async def _normal(server: Server, seconds: float) -> tuple[client.Answers, client.Answers]:
    asker, health = client.Client(server.port, reuse=False), client.Client(server.port, reuse=False)
    work = client.get("/work?cpu_ms=1&sleep_ms=10")
    return await asyncio.gather(
        client.open_loop(asker, work, per_s=50, seconds=seconds),
        client.open_loop(health, client.get("/healthz"), per_s=10, seconds=seconds),
    )


async def _all(kinds: list[str], *, quick: bool) -> list[report.Row]:
    rows = []
    for attack in ("body",) if quick else ATTACKS:
        for kind in kinds:
            rows.append(await _row(kind, attack, 50 if quick else 500, 1 if quick else 5))
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure and write slow_clients.json."""
    given = report.arguments("slow_clients", __doc__, KINDS)
    rows = asyncio.run(_all(given.kinds, quick=given.quick))
    report.write("slow_clients", given, rows, threads=THREADS)


if __name__ == "__main__":
    main()
