"""Rehearse how an environment scales: simulate its policies under a traffic trace, draw it, sum it up.

Nothing is deployed: it is a model of what AWS documents (docs/scaling.md has its limits).
Exit codes: 0 rehearsed; 1 not possible, with the reason; 2 wrong usage; 3 more requests beyond capacity than
--allow-beyond allows.
"""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tools.environments import UnknownEnvironmentError, find
from tools.rehearsal.arguments import parser
from tools.rehearsal.from_environment import NothingToRehearseError, rehearsed
from tools.rehearsal.outcome import outcome
from tools.rehearsal.report import answer, question, rows, subtitle
from tools.rehearsal.simulation import Moment, Service, simulate
from tools.rehearsal.traffic import SHAPES, TrafficError, read_csv, shape

_TOO_MANY_BEYOND = 3
# A shorter simulation is done before anyone could read its progress.
_SHOW_PROGRESS_FROM_S = 12 * 3600


def main() -> None:
    """Draw and print a rehearsal."""
    arguments = parser(__doc__ or "").parse_args()
    try:
        service = rehearsed(
            find(arguments.environment),
            request_ms=arguments.request_ms,
            cpu_ms=arguments.cpu_ms,
            start_s=arguments.start_s,
            period_s=arguments.metric_period_s,
            delay_s=arguments.metric_delay_s,
        )
        traffic, trace = _traffic(arguments.traffic, service, arguments.quiet_rps)
    except (UnknownEnvironmentError, NothingToRehearseError, TrafficError) as error:
        sys.exit(f"rehearsal: {error}")
    moments = _watched(service, trace)
    result = outcome(service, moments)
    title = f"{question(service, traffic)}\n{answer(service, result)}"
    path = arguments.out or Path(".local") / f"rehearsal-{service.name}-{Path(traffic).stem}.png"
    # matplotlib takes half a second to import: do it only when there is something to draw.
    from tools.rehearsal.picture import draw  # noqa: PLC0415 (takes a second)

    try:
        draw(service, moments, result, title=title, subtitle=subtitle(service), path=path)
    except OSError as error:
        sys.exit(f"rehearsal: cannot write {path}: {error.strerror}")
    _show(title, rows(service, result), path)
    if arguments.allow_beyond is not None and result.beyond_percent > arguments.allow_beyond:
        print(
            f"rehearsal: {result.beyond_percent:.1f} % of requests are beyond capacity, "
            f"--allow-beyond is {arguments.allow_beyond:g}",
            file=sys.stderr,
        )
        sys.exit(_TOO_MANY_BEYOND)


def _traffic(given: str, service: Service, quiet_rps: float | None) -> tuple[str, list[float]]:
    if given in SHAPES:
        return given, shape(given, quiet_rps=quiet_rps or service.quiet_rps)
    path = Path(given)
    if not path.exists() and path.suffix != ".csv":
        raise TrafficError(f"there is no traffic '{given}': choose one of {', '.join(SHAPES)}, or a CSV file")
    return path.name, read_csv(path)


def _watched(service: Service, trace: list[float]) -> list[Moment]:
    seconds = simulate(service, trace)
    if len(trace) < _SHOW_PROGRESS_FROM_S:
        return list(seconds)
    console = Console(stderr=True)
    return list(
        track(seconds, "Simulating", total=len(trace), console=console, transient=True)
        if console.is_terminal
        else seconds
    )


def _show(title: str, figures: list[tuple[str, str]], path: Path) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 120
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 3, 0, 0))
    for row in figures:
        table.add_row(*row)
    console.print(title, style="bold", highlight=False, soft_wrap=True)
    console.print(table)
    console.print(f"drawn: {path}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
