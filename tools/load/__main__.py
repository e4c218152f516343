"""Load a service with visits by the clock, and compare what comes with what `make plan` foretold.

`measure` plays a low rate to the local service and writes what a request costs, for `make plan`.
"""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.environments import UnknownEnvironmentError
from tools.load import remote, report, steps
from tools.load.local_task import local_task, queue_s
from tools.load.play import check_installed, play
from tools.load.steps import LoadError
from tools.load.watch import Measured, local
from tools.local_cloud import running
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import REPOSITORY, State
from tools.plan.app import MEASURED, App, write
from tools.rehearsal.task import Task

SCENARIO = Path("tests") / "app" / "load.py"
PICTURE = Path(".local") / "load.png"
_BUSY = 50


def main() -> None:
    """Load, or measure."""
    given = _parser().parse_args()
    try:
        _load(given)
    except (LoadError, LocalCloudError, UnknownEnvironmentError) as error:
        sys.exit(f"{given.command}: {error}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.load", description=__doc__)
    parser.add_argument("command", choices=("load", "measure"))
    parser.add_argument("--url", help="where to; by default the local cloud's URL")
    parser.add_argument("--rate", default="5", help="visits a second, or 10..200 for five rates")
    parser.add_argument("--for", dest="seconds", default="20s", help="time of each rate, such as 30s or 2m")
    parser.add_argument("--scenario", type=Path, default=SCENARIO, help="file of Locust users")
    parser.add_argument("--other-host", help="host that is not this machine and may be loaded")
    parser.add_argument("--watch", metavar="ENVIRONMENT", help="show what CloudWatch knows of this one, too")
    parser.add_argument("--state", type=Path, default=REPOSITORY / ".local", help=argparse.SUPPRESS)
    return parser


def _load(given: argparse.Namespace) -> None:
    rates, seconds = steps.rates(given.rate), steps.seconds(given.seconds)
    state = State(given.state.resolve())
    if given.url:
        steps.check_permission(given.url, permitted=given.other_host)
    known = running.recorded(state) if given.url else running.required(state)
    url = given.url or (known.url if known else "")
    if not given.scenario.exists():
        raise LoadError(f"there is no scenario {given.scenario}: write one, as docs/scale.md says")
    check_installed()
    here = known if known and url.rstrip("/") == known.url else None
    if given.command == "measure" and not here:
        raise LoadError("it measures the local service alone: leave out URL, and start it with `make up`")
    watched = local(state) if here else None
    deployed = remote.watched(given.watch) if given.watch else None
    played = []
    for rate in rates:
        began = time.time()
        played.append(play(url, given.scenario, rate=rate, seconds=seconds, watched=watched, tell=_live))
        _live("")
        if deployed:
            print(f"{rate:g}/s: {remote.told(deployed, began, time.time())}")
    if given.command == "measure":
        _write(played[0].measured)
        return
    lowest = played[0].measured
    task = local_task(here, watched, lowest) if here and watched and lowest else None
    _show(report.rows(played, task, queue_s=queue_s(here) if here else 0), task)


def _write(measured: Measured | None) -> None:
    if not measured:
        return
    now = datetime.now(UTC)
    app = App(
        request_ms=round(measured.request_ms, 2),
        cpu_ms=round(max(measured.cpu_ms, 0.001), 3),
        answer_bytes=round(measured.answer_bytes),
        log_bytes=round(measured.log_bytes),
        where_from=f"measured here on {now:%Y-%m-%d}, {measured.requests} requests",
    )
    write(MEASURED, app)
    print(
        f"a request takes {app.request_ms:g} ms: {app.cpu_ms:g} of CPU in all of its task, and "
        f"{max(0, app.request_ms - app.cpu_ms):.3g} of waiting; "
        f"its answer has {app.answer_bytes:,.0f} bytes, its log {app.log_bytes:,.0f}. `make plan` uses these."
    )
    if measured.saturation and measured.saturation > _BUSY:
        print(f"The threads were busy at {measured.saturation:.0f} %, so requests waited: take a lower RATE.")


def _show(found: list[report.Row], task: Task | None) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 160
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in report.HEADING:
        table.add_column(heading)
    for row in found:
        table.add_row(*report.cells(row))
    console.print(table)
    played = [row.played for row in found]
    sentence = report.knee_sentence(played, task)
    console.print(sentence, style="bold", highlight=False, soft_wrap=True)
    if (late := max(each.late_ms for each in played)) > 100:
        console.print(f"The generator was late by up to {late:,.0f} ms: this machine has no CPU left for it.")
    try:
        report.draw(found, task, PICTURE, sentence)
    except OSError as error:
        raise LoadError(f"cannot write {PICTURE}: {error.strerror}") from None
    console.print(f"drawn: {PICTURE}", highlight=False)


def _live(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
