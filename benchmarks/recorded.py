"""What the benchmarks left in results/, as docs/performance.md reads it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.quiet import Row

FOLDER = Path(__file__).resolve().parent / "results"
DEV, OURS, OURS_ALONE = "flask run", "ours, nginx", "ours"
# In the order in which `make bench` runs them.
NAMES = (
    "throughput",
    "kit_overhead",
    "overload",
    "slow_clients",
    "malformed",
    "stopping",
    "uploads",
    "start",
)
# As a reader of the page calls them, in the order of its tables.
SERVERS = {
    DEV: "development server",
    "gthread": "Gunicorn as shipped",
    "gthread, bare WSGI": "Gunicorn, no framework",
    "gthread, WSGI limit": "Gunicorn, limit in WSGI",
    "gthread, nginx": "Gunicorn, nginx limits",
    OURS_ALONE: "this, no proxy",
    OURS: "this (nginx)",
    "ours, apache": "this, Apache",
    "granian": "granian",
    "waitress": "waitress",
}


@cache
def document(name: str) -> dict[str, Any]:
    """One benchmark's JSON."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def rows(name: str, **wanted: object) -> list[Row]:
    """The rows with these values; `times_capacity=2.0` asks for "times capacity"."""
    keys = {key.replace("_", " "): value for key, value in wanted.items()}
    return [
        row for row in document(name)["rows"] if all(row.get(key) == value for key, value in keys.items())
    ]


def row(name: str, **wanted: object) -> Row:
    """The only row with these values. Raises ValueError."""
    (found,) = rows(name, **wanted)
    return found


def measured(name: str) -> list[str]:
    """The servers of a benchmark, in the order of SERVERS."""
    there = {row["server"] for row in document(name)["rows"]}
    return [server for server in SERVERS if server in there]


def worst_health_ms(server: str) -> float | None:
    """The slowest 1 % of health checks in the worst attack of slow clients; None if none was answered."""
    attacked = [each for each in rows("slow_clients", server=server) if each["sockets"]]
    values = [each["health p99 ms"] for each in attacked]
    return None if None in values else max(values)


def times_dev(work: str, at_once: int, server: str = OURS) -> float:
    """Requests per second, the development server's being 1."""
    return float(row("throughput", server=server, work=work, at_once=at_once)["of dev"])
