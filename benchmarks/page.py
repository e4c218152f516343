"""Rewrite the tables and pictures of docs/performance.md, and README's figures, from benchmarks/results."""

import argparse
import textwrap
from pathlib import Path

from benchmarks import tables
from benchmarks.bar_charts import KIT, SLOW_CLIENTS, STOPPING, UPLOADS
from benchmarks.line_charts import LATENCY, MEMORY, OVERLOAD, THROUGHPUT
from benchmarks.recorded import DEV, OURS, row
from workshop.pages import filled

ROOT = Path(__file__).resolve().parent.parent
PAGE, README = ROOT / "docs" / "performance.md", ROOT / "README.md"
CHARTS = (OVERLOAD, SLOW_CLIENTS, UPLOADS, STOPPING, KIT, THROUGHPUT, LATENCY, MEMORY)


def pages() -> dict[Path, str]:
    """Return the text of docs/performance.md and of README.md with all figures made anew."""
    made = {
        "comparison": tables.comparison(),
        "malformed": tables.malformed(),
        "overload": tables.overload(),
        "shipped": tables.shipped(),
        "bursts": tables.shipped_bursts(),
        "slow clients": tables.slow(),
        "uploads": tables.uploads(),
        "stopping": tables.stopping(),
        "kit": tables.kit(),
        "throughput": tables.throughput(),
        "start": tables.start(),
        "runs": tables.runs(),
    }
    given = {PAGE: made, README: {"figures": _readme()}}
    return {path: filled(path, path.read_text(), figures) for path, figures in given.items()}


def _readme() -> str:
    lost = {server: row("stopping", server=server, event="SIGTERM") for server in (DEV, OURS)}
    bad = {server: row("malformed", server=server) for server in (DEV, OURS)}
    text = (
        f"- **Measured beside Flask's development server:** at a stop it loses {lost[DEV]['lost']} of "
        f"{lost[DEV]['requests']} requests, this {lost[OURS]['lost']}; of {bad[DEV]['of']} malformed ones it "
        f"answers {bad[DEV]['answered 2xx']}, this {bad[OURS]['answered 2xx']}. "
        "[All figures](docs/performance.md), also where it is level or better."
    )
    return textwrap.fill(text, 118, subsequent_indent="  ", break_on_hyphens=False)


def main() -> None:
    """Rewrite both pages and all pictures."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    for path, text in pages().items():
        path.write_text(text)
    for chart in CHARTS:
        chart.write()


if __name__ == "__main__":
    main()
