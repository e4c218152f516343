"""Count requests lost at SIGTERM while the load balancer lags by two seconds, and when a worker dies.

As from a load balancer, half of the requests come on connections that are kept open, half on new ones.
"""

import asyncio
import os
import signal
import time

import psutil

from benchmarks import client, report
from benchmarks.quiet import Quiet, Row
from benchmarks.servers import Server, running

KINDS = ["flask run", "gthread", "ours", "ours, nginx", "ours, apache", "granian", "waitress"]
LAG_S = 2.0
PER_S = 100


async def _load(server: Server, seconds: float) -> tuple[client.Answers, client.Answers]:
    work = client.get("/work?cpu_ms=1&sleep_ms=50")
    kept, new = client.Client(server.port), client.Client(server.port, reuse=False)
    answers = await asyncio.gather(
        client.open_loop(kept, work, per_s=PER_S / 2, seconds=seconds),
        client.open_loop(new, work, per_s=PER_S / 2, seconds=seconds),
    )
    kept.close()
    return answers[0], answers[1]


async def _after(seconds: float, server: Server, event: str) -> float:
    """Let the event happen; return how long the server took to exit, in seconds."""
    await asyncio.sleep(seconds)
    if event == "SIGTERM":
        began = time.monotonic()
        await asyncio.to_thread(server.terminate)
        return time.monotonic() - began
    os.kill(_victim(server), signal.SIGSEGV)
    return 0.0


def _victim(server: Server) -> int:
    """Return the id of a process that serves: a worker where there are some, else the server itself."""
    main = psutil.Process(server.processes[0].pid)
    children = [each for each in main.children() if "resource_tracker" not in " ".join(each.cmdline())]
    return int(children[0].pid if children else main.pid)


async def _row(kind: str, event: str, before_s: float) -> Row:
    with running(kind, workers=2, threads=16, lame_duck_s=3) as server:
        seconds = before_s + (LAG_S if event == "SIGTERM" else 3)
        (kept, new), took = await asyncio.gather(_load(server, seconds), _after(before_s, server, event))
    answered = kept.count(200) + new.count(200)
    total = sum(len(each) for half in (kept, new) for each in half.by_status.values())
    return {
        "requests": total,
        "lost": total - answered,
        "seconds to exit": round(took, 1) if event == "SIGTERM" else None,
    }


async def _all(kinds: list[str], quiet: Quiet, *, quick: bool) -> list[Row]:
    rows: list[Row] = []
    for event in ("SIGTERM",) if quick else ("SIGTERM", "SIGSEGV in a worker"):
        for kind in kinds:
            like = {"server": kind, "event": event}
            rows.append(await quiet.row(like, _row, kind, event, 0.5 if quick else 3.0))
    return rows


def main() -> None:
    """Measure, and write the results to stopping.json."""
    given = report.arguments("stopping", __doc__, KINDS)
    rows = asyncio.run(_all(given.kinds, given.quiet, quick=given.quick))
    report.write("stopping", given, rows, lag_s=LAG_S, requests_per_s=PER_S)


if __name__ == "__main__":
    main()
