"""Measure memory during eight uploads at once of 1, 8 and 64 MiB; the kit refuses more than 10 MiB each."""

import asyncio
import time

from benchmarks import client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
AT_ONCE = 8


async def _peak(server: Server, done: asyncio.Event) -> float:
    peak = 0.0
    while not done.is_set():
        peak = max(peak, await asyncio.to_thread(server.memory_mib))
        await asyncio.sleep(0.02)
    return peak


async def _send(port: int, mib: int, answers: client.Answers) -> None:
    began, status = time.monotonic(), 0
    try:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: {mib * 1024**2}\r\n\r\n"
            writer.write(head.encode())
            try:
                for _ in range(mib * 16):
                    writer.write(b"x" * 65536)
                    await writer.drain()
            except OSError:
                pass  # the server refused before the body was complete; its answer can be read now
            status = int((await reader.readline())[9:12] or 0)
            writer.transport.abort()
    except (OSError, TimeoutError):
        status = 0
    answers.add(status, time.monotonic() - began)


async def _row(kind: str, mib: int) -> Row:
    with running(kind, threads=16) as server:
        answers, done = client.Answers(), asyncio.Event()
        peak = asyncio.create_task(_peak(server, done))
        health = asyncio.create_task(_health(server.port, done))
        await asyncio.gather(*(_send(server.port, mib, answers) for _ in range(AT_ONCE)))
        done.set()
        checks = await health
        return {
            "answers": {str(status): len(found) for status, found in sorted(answers.by_status.items())},
            "slowest s": round(max(max(found) for found in answers.by_status.values()), 2),
            "health slowest ms": checks.percentile_ms(100),
            "peak MiB": await peak,
        }


async def _health(port: int, done: asyncio.Event) -> client.Answers:
    asker, checks = client.Client(port, reuse=False), client.Answers()
    while not done.is_set():
        await asker.ask(client.get("/healthz"), checks, time.monotonic())
        await asyncio.sleep(0.05)
    return checks


async def _all(kinds: list[str], quiet: Quiet, *, quick: bool) -> list[Row]:
    rows: list[Row] = []
    for mib in (1,) if quick else (1, 8, 64):
        rows += [await quiet.row({"server": kind, "MiB each": mib}, _row, kind, mib) for kind in kinds]
    return rows


def main() -> None:
    """Measure, and write the results to uploads.json."""
    given = report.arguments("uploads", __doc__, KINDS)
    rows = asyncio.run(_all(given.kinds, given.quiet, quick=given.quick))
    report.write("uploads", given, rows, at_once=AT_ONCE)


if __name__ == "__main__":
    main()
