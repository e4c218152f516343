"""Read the results of the benchmarks in results/, for docs/performance.md."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.quiet import Row

FOLDER = Path(__file__).resolve().parent / "results"
DEV, OURS = "flask run", "ours, nginx"
# The names stand in the order in which `make bench` runs them.
NAMES = (
    "throughput",
    "kit_overhead",
    "overload",
    "shipped",
    "slow_clients",
    "malformed",
    "stopping",
    "uploads",
    "start",
)
# Each server has the name that docs/performance.md calls it by, in the order of its tables.
SERVERS = {
    DEV: "development server",
    "gthread": "Gunicorn as shipped",
    "gthread, bare WSGI": "Gunicorn, no framework",
    "gthread, WSGI limit": "Gunicorn, limit in WSGI",
    "gthread, nginx": "Gunicorn, nginx limits",
    OURS: "this (nginx)",
    "ours, apache": "this, Apache",
    "granian": "granian",
    "waitress": "waitress",
}


@cache
def document(name: str) -> dict[str, Any]:
    """Return the recorded results of one benchmark."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def rows(name: str, **wanted: object) -> list[Row]:
    """Return the rows that have these values; `times_capacity=2.0` asks for "times capacity"."""
    keys = {key.replace("_", " "): value for key, value in wanted.items()}
    return [
        row for row in document(name)["rows"] if all(row.get(key) == value for key, value in keys.items())
    ]


def row(name: str, **wanted: object) -> Row:
    """Return the only row that has these values. Raise ValueError if there is none or more than one."""
    (found,) = rows(name, **wanted)
    return found


def measured(name: str) -> list[str]:
    """Return the servers that a benchmark has measured, in the order of SERVERS."""
    there = {row["server"] for row in document(name)["rows"]}
    return [server for server in SERVERS if server in there]


def worst_health_ms(server: str) -> float | None:
    """Return the slowest 1 % of health checks in the worst attack of slow clients; None if none answered."""
    attacked = [each for each in rows("slow_clients", server=server) if each["sockets"]]
    values = [each["health p99 ms"] for each in attacked]
    return None if None in values else max(values)


def times_dev(work: str, at_once: int, server: str = OURS) -> float:
    """Return the ratio of a server's requests per second to the development server's."""
    return float(row("throughput", server=server, work=work, at_once=at_once)["of dev"])
