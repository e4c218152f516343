"""Measure how many requests of a burst are refused, beside plain Gunicorn, which refuses none.

A burst comes at once, on connections that are kept: many visitors, a page with its assets for each of some
visitors, or all requests of one visitor. A request is lost if it gets no answer.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks import client, report
from benchmarks.quiet import Row
from benchmarks.servers import running

SERVERS = ["gthread", "gthread, nginx", "ours", "ours, nginx", "ours, apache"]
WORKERS, THREADS = 2, 16


class Burst(NamedTuple):
    """Say what comes at once: connections, and the requests that each sends one after the other."""

    path: str
    connections: int
    requests: int = 1


BURSTS = {
    "500 x 1 ms of CPU": Burst("/work?cpu_ms=1", 500),
    "500 x 20 ms of waiting": Burst("/work?sleep_ms=20", 500),
    "20 pages of 60 assets, 6 connections each": Burst("/work?cpu_ms=1", 120, 10),
    "one visitor, 60 at once": Burst("/work?cpu_ms=1", 60),
}


async def send(port: int, burst: Burst) -> client.Answers:
    """Send a burst, and return its answers."""
    answers, request = client.Answers(), client.get(burst.path)
    began = time.monotonic()

    async def visit() -> None:
        visitor = client.Client(port)
        for _ in range(burst.requests):
            await visitor.ask(request, answers, began)
        visitor.close()

    await asyncio.gather(*(visit() for _ in range(burst.connections)))
    answers.seconds = time.monotonic() - began
    return answers


def _rows(kinds: list[str], *, rounds: int) -> Iterator[Row]:
    for kind in kinds:
        with running(kind, workers=WORKERS, threads=THREADS) as server:
            for name, burst in BURSTS.items():
                runs = [asyncio.run(send(server.port, burst)) for _ in range(rounds)]
                yield {
                    "server": kind,
                    "burst": name,
                    "requests": burst.connections * burst.requests,
                    "refused": [answers.count(503) for answers in runs],
                    "lost": [answers.count(0) for answers in runs],
                    "seconds": [round(answers.seconds, 2) for answers in runs],
                }


def main() -> None:
    """Measure, and write the results to bursts.json."""
    given = report.arguments("bursts", __doc__, SERVERS)
    rows = list(_rows(given.kinds, rounds=1 if given.quick else 3))
    report.write("bursts", given, rows, workers=WORKERS, threads=THREADS)


if __name__ == "__main__":
    main()
