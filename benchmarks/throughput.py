"""Measure requests per second and latency of every server as more clients ask at once.

Each client waits for its answer before it asks again. Servers are asked one after the other;
the column `of dev` is the ratio to Flask's development server in the same run.
"""

import asyncio
import time

from benchmarks import client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.servers import Server, running
from infra.parameters import Tasks

KINDS = [
    "flask run",
    "gthread",
    "gthread, bare WSGI",
    "ours",
    "ours, nginx",
    "ours, apache",
    "granian",
    "waitress",
]
# What a worker has by default.
THREADS = Tasks().gunicorn_threads
# A small answer; a request that waits for a backend and computes a little; one that keeps a core busy.
WORK = {"hello": "/work", "mixed": "/work?cpu_ms=1&sleep_ms=20", "computes": "/work?cpu_ms=10"}
# The computing requests get two workers, because a second core can help them.
WORKERS = {"hello": 1, "mixed": 1, "computes": 2}
LOADS = {"hello": [1, 8, 64], "mixed": [1, 8, 64], "computes": [8]}


async def _ask(server: Server, path: str, at_once: int, seconds: float) -> Row:
    asker = client.Client(server.port)
    await client.closed_loop(asker, client.get(path), at_once=at_once, seconds=seconds / 4)  # warm-up
    began, before = time.monotonic(), server.cpu_s()
    answers = await client.closed_loop(asker, client.get(path), at_once=at_once, seconds=seconds)
    cores = (server.cpu_s() - before) / (time.monotonic() - began)
    asker.close()
    return {
        "requests/s": round(answers.count(200) / seconds),
        "p50 ms": answers.percentile_ms(50),
        "p99 ms": answers.percentile_ms(99),
        "shed": answers.count(503),
        "lost": answers.count(0),
        "cores": round(cores, 2),
    }


async def _row(kind: str, work: str, at_once: int, seconds: float) -> Row:
    with running(kind, workers=WORKERS[work], threads=THREADS) as server:
        return await _ask(server, WORK[work], at_once, seconds)


async def _all(kinds: list[str], quiet: Quiet, *, quick: bool) -> list[Row]:
    rows: list[Row] = []
    for work in ("hello",) if quick else WORK:
        # Bare WSGI has one answer for all paths, so it has nothing to compute or to wait for.
        able = [kind for kind in kinds if work == "hello" or kind != "gthread, bare WSGI"]
        for at_once in [4] if quick else LOADS[work]:
            new = []
            for kind in able:
                like = {"server": kind, "work": work, "at once": at_once}
                new.append(await quiet.row(like, _row, kind, work, at_once, 0.5 if quick else 4.0))
            dev = next((row["requests/s"] for row in new if row["server"] == "flask run"), None)
            rows += [row | {"of dev": round(row["requests/s"] / dev, 2) if dev else None} for row in new]
    return rows


def main() -> None:
    """Measure, and write the results to throughput.json."""
    given = report.arguments("throughput", __doc__, KINDS)
    if given.quick and not given.only:
        given.kinds = ["flask run", "ours"]
    rows = asyncio.run(_all(given.kinds, given.quiet, quick=given.quick))
    report.write("throughput", given, rows, threads=THREADS, workers=WORKERS, work=WORK)


if __name__ == "__main__":
    main()
