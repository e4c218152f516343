"""Compare the forecast with a measurement at five rates up to the knee, for docs/scale.md.

Three minutes on a quiet machine: the lowest rate says what a request takes, the others are foretold from it;
a sixth is beyond the knee, to find it. The service runs as in a task, behind its nginx.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.servers import Server, running
from tools.load.forecast import error_percent
from tools.load.play import play
from tools.load.report import Row, knee, rows
from tools.load.watch import Watched
from tools.local_cloud.processes import Started
from tools.rehearsal.task import Task

RESULT = Path(__file__).with_suffix(".json")
_SCENARIO = Path(__file__).with_name("waits.py")
# As few threads as the worker keeps always; eight of 200 ms are 40 requests/s. The last rate is beyond that.
_WORKERS, _THREADS, _QUEUE_S = 2, 4, 2
_RATES, _SECONDS = (10, 18, 24, 30, 35, 55), 21


def main() -> None:
    """Measure, and write the figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with running("ours, nginx", workers=_WORKERS, threads=_THREADS) as server:
        result = _measured(server)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(RESULT.read_text())


def _measured(server: Server) -> dict[str, Any]:
    watched = Watched(tuple(Started.of(each.pid) for each in server.processes), (server.log,), 1)
    url = f"http://127.0.0.1:{server.port}"
    played = [
        play(url, _SCENARIO, rate=rate, seconds=_SECONDS, watched=watched, tell=_tell) for rate in _RATES
    ]
    lowest, found = played[0].measured, knee(played)
    if lowest is None or found is None:
        sys.exit("the knee was not reached")
    task = Task(
        slots=_WORKERS * _THREADS,
        vcpu=psutil.cpu_count() or 1,
        request_s=lowest.request_ms / 1000,
        cpu_s=max(lowest.cpu_ms, 1e-3) / 1000,
    )
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "request_ms": round(lowest.request_ms),
        "threads": task.slots,
        "knee": _compared(task.capacity_rps, found),
        "rows": [_row(each) for each in rows(played, task, queue_s=_QUEUE_S)],
        "generator_late_ms": round(max(each.late_ms for each in played)),
    }


def _row(row: Row) -> dict[str, Any]:
    foretold, measured = row.foretold, row.played.measured
    busy = measured.saturation if measured else None
    if foretold is None or busy is None:
        sys.exit(f"no line of metrics came at {row.played.rate:g}/s")
    return {
        "asked": round(row.played.asked_per_s, 1),
        "answers": round(row.played.per_s, 1),
        "errors": row.played.errors,
        "busy": _compared(foretold.saturation, busy),
        "p95": _compared(foretold.p95_ms, row.played.percentile(95)),
    }


def _compared(foretold: float, found: float) -> list[float]:
    return [round(foretold, 1), round(found, 1), round(error_percent(foretold, found))]


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
