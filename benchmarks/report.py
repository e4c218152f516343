"""Read a benchmark's options, and write a table for people and JSON for docs/performance.md."""

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.quiet import Quiet, Row
from benchmarks.servers import KINDS, available

RESULTS = Path(__file__).resolve().parent / "results"
# How long a benchmark waits by default.
PATIENCE_S = 180.0


def arguments(name: str, about: str | None, kinds: Sequence[str]) -> argparse.Namespace:
    """Read the options that all benchmarks share."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=about)
    parser.add_argument(
        "--quick", action="store_true", help="run for seconds instead of minutes, only to show that it works"
    )
    parser.add_argument(
        "--only", action="append", choices=kinds, help="measure only this server; may be repeated"
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="measure only the rows that other programs disturbed the last time",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_S,
        help="wait this many seconds in all for other programs to leave the machine alone",
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder to write the JSON file to")
    given = parser.parse_args()
    given.kinds = available(given.only or list(kinds))
    path = given.out / f"{name}.json"
    given.before = json.loads(path.read_text()) if given.again and path.exists() else {"rows": []}
    given.quiet = Quiet(0 if given.quick else given.patience, given.before["rows"])
    # The machine is described now, before the benchmark makes a load of its own.
    given.machine = _machine()
    return given


def _machine() -> dict[str, Any]:
    """Describe the machine and the versions that are measured."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "flask": version("flask"),
        "gunicorn": version("gunicorn"),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "measured_at": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def write(name: str, given: argparse.Namespace, rows: list[Row], **about: Any) -> None:
    """Print the rows as a table and write them as JSON."""
    console = Console(width=None if Console().is_terminal else 160)
    table = Table(box=None, pad_edge=False, title=name, title_justify="left")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for column in columns:
        table.add_column(column, justify="left" if column == "server" else "right")
    for row in rows:
        table.add_row(*(str(row.get(column, "-")) for column in columns))
    console.print(table)
    given.out.mkdir(parents=True, exist_ok=True)
    known = {kind: KINDS[kind] for kind in given.kinds}
    document = {"machine": given.machine, "quick": given.quick, **about, "servers": known, "rows": rows}
    (given.out / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n")
