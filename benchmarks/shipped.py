"""Measure what the sizes that ship answer at twice and at ten times their capacity, and in a burst.

The server and its proxy share the CPU of one task, as on Fargate; the load comes from outside of it. Capacity
is what plain Gunicorn with the same workers and threads answers in a closed loop. An answer is good if it is
200 and comes within a second. Beside the kit stand plain Gunicorn, and plain Gunicorn behind an nginx that
limits connections to twice its threads. Rows that miss an aim of AIMS say which.
"""

import argparse
import asyncio
from collections.abc import Callable
from typing import NamedTuple

from benchmarks import bursts, client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.quota import limited
from benchmarks.servers import Server, running
from infra.parameters import Tasks
from infra.task.proxy import most_connections

SERVERS = ["gthread", "gthread, nginx", "ours", "ours, nginx", "ours, apache"]
WORK = {"waits": "/work?cpu_ms=1&sleep_ms=40", "computes": "/work?cpu_ms=4"}
TIMES = (1.0, 2.0, 10.0)
HEALTH_PER_S = 5
GOOD_S = 1.0
REFUSED_S = 2.5  # half a second beyond the longest wait, tasks.queue_s


class Size(NamedTuple):
    """Say how large a task is; None stands for all cores of this machine."""

    cpu: int | None
    workers: int
    threads: int
    wall: int


def _size(tasks: Tasks) -> Size:
    return Size(tasks.cpu, tasks.gunicorn_workers, tasks.gunicorn_threads, most_connections(tasks))


SIZES = {
    "dev and previews": _size(Tasks(cpu=256, memory_mib=512)),
    "staging and prod": _size(Tasks()),
}
# What a row must show at twice and at ten times the capacity.
AIMS: dict[str, Callable[[Row], bool]] = {
    "health < 1 s": lambda row: row["health late"] == 0,
    "0 lost": lambda row: row["lost"] == 0,
    "refusals < 2.5 s": lambda row: (row["503 p99 ms"] or 0) < REFUSED_S * 1000,
    "80 % of peak": lambda row: row["of peak"] >= 0.8,
}


async def _load(server: Server, path: str, per_s: float, seconds: float) -> Row:
    asker, health = client.Client(server.port), client.Client(server.port, reuse=False)
    before = server.cpu_s(), server.app_cpu_s()
    work, checks = await asyncio.gather(
        client.open_loop(asker, client.get(path), per_s=per_s, seconds=seconds),
        client.open_loop(health, client.get("/healthz"), per_s=HEALTH_PER_S, seconds=seconds),
    )
    asker.close()
    after = server.cpu_s(), server.app_cpu_s()
    return {
        "good/s": round(work.good(GOOD_S) / seconds, 1),
        "late 200": work.count(200) - work.good(GOOD_S),
        "503": work.count(503),
        "503 p99 ms": work.percentile_ms(99, 503),
        "lost": sum(map(len, work.by_status.values())) - work.count(200) - work.count(503),
        "health p99 ms": checks.percentile_ms(99),
        "health late": sum(map(len, checks.by_status.values())) - checks.good(),
        "app CPU s": round(after[1] - before[1], 2),
        "proxy CPU s": round(after[0] - before[0] - after[1] + before[1], 2),
    }


async def _capacity(server: Server, path: str, at_once: int, seconds: float) -> float:
    asker = client.Client(server.port)
    answers = await client.closed_loop(asker, client.get(path), at_once=at_once, seconds=seconds)
    asker.close()
    return round(answers.good(GOOD_S) / seconds, 1)


async def _row(kind: str, size: Size, path: str, per_s: float, seconds: float) -> Row:
    with running(kind, workers=size.workers, threads=size.threads, wall=size.wall) as server:
        if size.cpu is None:
            return await _load(server, path, per_s, seconds)
        with limited(server, size.cpu):
            return await _load(server, path, per_s, seconds)


async def _burst(kind: str, size: Size, burst: bursts.Burst) -> Row:
    with running(kind, workers=size.workers, threads=size.threads, wall=size.wall) as server:
        await client.open_loop(client.Client(server.port), client.get("/work"), per_s=50, seconds=0.5)
        with limited(server, size.cpu or 0):
            answers = await bursts.send(server.port, burst)
    refused, lost = answers.count(503), answers.count(0)
    return {"503": refused, "lost": lost, "seconds": round(answers.seconds, 2)}


async def _all(given: argparse.Namespace, capacities: dict[str, float]) -> list[Row]:
    seconds = 0.5 if given.quick else 10.0
    quiet: Quiet = given.quiet
    rows: list[Row] = []
    for name, size in list(SIZES.items())[: 1 if given.quick else None]:
        for work, path in WORK.items():
            key = f"{name}, {work}"
            if key not in capacities:
                capacities[key] = await _measured_capacity(size, path, seconds)
            for kind in given.kinds:
                for times in (2.0,) if given.quick else TIMES:
                    like = {"size": name, "server": kind, "work": work, "times capacity": times}
                    rows.append(
                        await quiet.row(like, _row, kind, size, path, capacities[key] * times, seconds)
                    )
        for kind in given.kinds:
            for what, burst in list(bursts.BURSTS.items())[: 1 if given.quick else None]:
                like = {"size": name, "server": kind, "burst": what}
                rows.append(await quiet.row(like, _burst, kind, size, burst))
    return rows


async def _measured_capacity(size: Size, path: str, seconds: float) -> float:
    with (
        running("gthread", workers=size.workers, threads=size.threads) as server,
        limited(server, size.cpu or 0),
    ):
        return await _capacity(server, path, size.workers * size.threads, seconds)


def _judge(rows: list[Row]) -> None:
    peaks: dict[tuple[str, str, str], float] = {}
    loads = [row for row in rows if "work" in row]
    for row in loads:
        key = (row["size"], row["server"], row["work"])
        peaks[key] = max(peaks.get(key, 0.0), row["good/s"])
    for row in loads:
        peak = peaks[row["size"], row["server"], row["work"]]
        row["of peak"] = round(row["good/s"] / peak, 2) if peak else 0.0
        row["missed"] = (
            [] if row["times capacity"] == 1 else [aim for aim, met in AIMS.items() if not met(row)]
        )


def main() -> None:
    """Measure, and write the results to shipped.json."""
    given = report.arguments("shipped", __doc__, SERVERS)
    if not given.only:
        given.kinds.remove("ours")  # nobody ships it
    capacities = given.before.get("capacity_per_s", {})
    rows = asyncio.run(_all(given, capacities))
    _judge(rows)
    report.write("shipped", given, rows, sizes=SIZES, work=WORK, capacity_per_s=capacities)


if __name__ == "__main__":
    main()
