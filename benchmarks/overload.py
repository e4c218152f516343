"""Measure good answers per second when more is asked than can be served; the rest should get 503 at once.

An answer is good if it is 200 and comes within a second of when the request was due. Meanwhile the health
check is asked five times a second.
"""

import asyncio

from benchmarks import client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.servers import KINDS, Server, running
from infra.parameters import Tasks

# Bare WSGI is left out: it has no routes that wait or compute.
SERVERS = [kind for kind in KINDS if kind != "gthread, bare WSGI"]
# What a worker has by default.
THREADS = Tasks().gunicorn_threads
# Time of a request: mostly waiting for a backend, or computing under Python's lock.
WORK = {"waits": "/work?cpu_ms=1&sleep_ms=40", "computes": "/work?cpu_ms=4"}


async def _measure(
    server: Server, path: str, per_s: float, seconds: float
) -> tuple[client.Answers, client.Answers]:
    asker, health = client.Client(server.port), client.Client(server.port, reuse=False)
    work, checks = await asyncio.gather(
        client.open_loop(asker, client.get(path), per_s=per_s, seconds=seconds),
        client.open_loop(health, client.get("/healthz"), per_s=5, seconds=seconds),
    )
    asker.close()
    return work, checks


async def _capacity(path: str, seconds: float) -> Row:
    with running("gthread", threads=THREADS) as server:
        asker = client.Client(server.port)
        answers = await client.closed_loop(asker, client.get(path), at_once=THREADS, seconds=seconds)
    return {"good/s": answers.good() / seconds}


async def _row(kind: str, work: str, capacity: float, times: float, seconds: float) -> Row:
    with running(kind, threads=THREADS) as server:
        before = server.memory_mib()
        answers, health = await _measure(server, WORK[work], capacity * times, seconds)
        after = server.memory_mib()
    return {
        "good/s": round(answers.good() / seconds, 1),
        "p99 ms": answers.percentile_ms(99),
        "503": answers.count(503),
        "503 p99 ms": answers.percentile_ms(99, 503),
        "lost": answers.count(0),
        "health p99 ms": health.percentile_ms(99),
        "health failed": sum(map(len, health.by_status.values())) - health.good(),
        "MiB before": before,
        "MiB after": after,
    }


async def _all(kinds: list[str], quiet: Quiet, capacities: dict[str, float], *, quick: bool) -> list[Row]:
    """Measure every server under each load and return the rows; fill `capacities` where it lacks a figure."""
    seconds = 1.0 if quick else 6.0
    rows: list[Row] = []
    for work, path in WORK.items():
        if work not in capacities:
            measured = await quiet.row({"capacity of": work}, _capacity, path, seconds)
            capacities[work] = round(measured["good/s"], 1)
        for times in (2.0,) if quick else (1.0, 2.0, 10.0):
            for kind in kinds:
                like = {"server": kind, "work": work, "times capacity": times}
                rows.append(await quiet.row(like, _row, kind, work, capacities[work], times, seconds))
    peaks: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["server"], row["work"])
        peaks[key] = max(peaks.get(key, 0.0), row["good/s"])
    for row in rows:
        peak = peaks[row["server"], row["work"]]
        row["of its peak"] = round(row["good/s"] / peak, 2) if peak else 0.0
    return rows


def main() -> None:
    """Measure, and write the results to overload.json."""
    given = report.arguments("overload", __doc__, SERVERS)
    if given.quick and not given.only:
        given.kinds = ["ours"]
    capacities = given.before.get("capacity_per_s", {})
    rows = asyncio.run(_all(given.kinds, given.quiet, capacities, quick=given.quick))
    report.write("overload", given, rows, threads=THREADS, work=WORK, capacity_per_s=capacities)


if __name__ == "__main__":
    main()
