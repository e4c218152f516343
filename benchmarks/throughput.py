"""Throughput: requests per second and latency of every server as more clients ask at once.

Each client waits for its answer before it asks again. Servers are asked one after the other, several
times; `of dev` is the ratio to Flask's development server in the same run.
"""

import asyncio
import statistics

from benchmarks import client, report
from benchmarks.servers import running

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
THREADS = 8
# A small answer, and one that waits for a backend and computes a little.
WORK = {"hello": "/work", "mixed": "/work?cpu_ms=1&sleep_ms=20"}


async def _ask(port: int, path: str, at_once: int, seconds: float) -> client.Answers:
    asker = client.Client(port)
    await client.closed_loop(asker, client.get(path), at_once=at_once, seconds=seconds / 4)  # warms up
    answers = await client.closed_loop(asker, client.get(path), at_once=at_once, seconds=seconds)
    asker.close()
    return answers


def _measure(kind: str, work: str, at_once: int, seconds: float) -> client.Answers:
    with running(kind, threads=THREADS) as server:
        return asyncio.run(_ask(server.port, WORK[work], at_once, seconds))


def _row(kind: str, work: str, at_once: int, rounds: list[client.Answers]) -> report.Row:
    def median(values: list[float | None]) -> float | str:
        known = [value for value in values if value is not None]
        return round(statistics.median(known), 1) if known else "-"

    return {
        "server": kind,
        "work": work,
        "at once": at_once,
        "requests/s": round(statistics.median(each.count(200) / each.seconds for each in rounds)),
        "p50 ms": median([each.percentile_ms(50) for each in rounds]),
        "p99 ms": median([each.percentile_ms(99) for each in rounds]),
        "shed": sum(each.count(503) for each in rounds),
        "lost": sum(each.count(0) for each in rounds),
    }


def main() -> None:
    """Measure and write throughput.json."""
    given = report.arguments("throughput", __doc__, KINDS)
    rounds, seconds, loads = (1, 0.5, [4]) if given.quick else (2, 2.0, [1, 8, 64])
    if given.quick and not given.only:
        given.kinds = ["flask run", "ours"]
    works = [work for work in WORK if not given.quick or work == "hello"]
    rows = []
    for work in works:
        for at_once in loads:
            measured: dict[str, list[client.Answers]] = {kind: [] for kind in given.kinds}
            for _ in range(rounds):
                for kind in given.kinds:
                    # Bare WSGI knows no paths: it has nothing to compute or to wait for.
                    if work == "hello" or kind != "gthread, bare WSGI":
                        measured[kind].append(_measure(kind, work, at_once, seconds))
            new = [_row(kind, work, at_once, answers) for kind, answers in measured.items() if answers]
            for row in new:
                dev = next((each["requests/s"] for each in new if each["server"] == "flask run"), None)
                row["of dev"] = round(row["requests/s"] / dev, 2) if dev else "-"
                print(row, flush=True)
            rows += new
    report.write("throughput", given, rows, threads=THREADS, work=WORK, rounds=rounds)


if __name__ == "__main__":
    main()
