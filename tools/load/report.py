"""Put a load into words and a picture, beside what `make plan` foretold."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tools.load.forecast import Forecast, error_percent, forecast, percentile
from tools.load.play import Played
from tools.rehearsal.task import Task


class Row(NamedTuple):
    """A rate that was played, and its forecast if there is one."""

    played: Played
    foretold: Forecast | None


def rows(played: Sequence[Played], task: Task | None, *, queue_s: float) -> list[Row]:
    """Return each rate with its forecast, from the times of the lowest rate."""
    lowest = played[0].measured
    if task is None or lowest is None:
        return [Row(each, None) for each in played]
    way_ms = max(0.0, played[0].percentile(50) - percentile(lowest.durations_ms, 50))
    return [
        Row(each, forecast(task, lowest.durations_ms, each.asked_per_s, queue_s=queue_s, way_ms=way_ms))
        for each in played
    ]


def knee(played: Sequence[Played]) -> float | None:
    """Return the most good answers a second, if a rate was beyond what is carried."""
    return None if all(each.carried for each in played) else max(each.per_s for each in played)


def knee_sentence(played: Sequence[Played], task: Task | None) -> str:
    """Return where the knee is, and how far the plan's was from it."""
    found = knee(played)
    if found is None:
        return f"No knee up to {max(each.rate for each in played):g}/s: nearly all requests were answered."
    text = f"The knee is at {found:,.1f} answers/s"
    if task is None:
        return f"{text}."
    error = error_percent(task.capacity_rps, found)
    return f"{text}; the plan's is {task.capacity_rps:,.1f}, out of {task.limit}: {error:+.0f} %."


HEADING = (
    "rate/s",
    "answers/s",
    "errors",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "tasks",
    "busy %",
    "foretold busy %",
    "foretold p95 ms",
    "errors of the forecast: busy, p95",
)


def cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row, in the heading's order."""
    played, foretold = row
    busy = played.measured.saturation if played.measured else None
    errors = ", ".join(f"{kind} x {count}" for kind, count in sorted(played.errors.items())) or "-"
    times = [f"{played.percentile(each):,.0f}" for each in (50, 95, 99)]
    known = (f"{played.rate:,.4g}", f"{played.per_s:,.1f}", errors, *times, str(played.tasks or "-"))
    said = "-" if busy is None else f"{busy:.0f}"
    if foretold is None:
        return (*known, said, "-", "-", "-")
    p95 = error_percent(foretold.p95_ms, played.percentile(95))
    off = "-" if busy is None else f"{error_percent(foretold.saturation, busy):+.0f} %"
    return (*known, said, f"{foretold.saturation:.0f}", f"{foretold.p95_ms:,.0f}", f"{off}, {p95:+.0f} %")


def draw(found: Sequence[Row], task: Task | None, path: Path, title: str) -> None:
    """Draw answers and times against the rate. Raises OSError."""
    # matplotlib takes half a second to import: do it only when there is something to draw.
    from matplotlib.figure import Figure  # noqa: PLC0415

    from tools.pictures import BLUE, GREY, ORANGE, VERMILION, plain, write_picture  # noqa: PLC0415

    figure = Figure(figsize=(9, 6.5), dpi=100, layout="constrained")
    figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    answers, times = figure.subplots(2, 1, sharex=True)
    asked = [row.played.asked_per_s for row in found]
    answers.plot(asked, asked, color=GREY, linewidth=1, label="asked")
    answers.plot(asked, [row.played.per_s for row in found], "o-", color=BLUE, label="good answers/s")
    for percent, color in ((50, BLUE), (95, ORANGE)):
        values = [row.played.percentile(percent) for row in found]
        times.plot(asked, values, "o-", color=color, label=f"{percent} % of answers within")
    if task:
        answers.axhline(task.capacity_rps, color=VERMILION, linestyle="--", label="the plan's knee")
        foretold = [row.foretold.p95_ms if row.foretold else 0 for row in found]
        times.plot(asked, foretold, "--", color=VERMILION, label="95 %, foretold")
    for axes, label in ((answers, "a second"), (times, "ms")):
        plain(axes)
        axes.set_ylabel(label)
        axes.set_ylim(bottom=0)
        axes.legend(loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False, fontsize=8.5)
    times.set_xlabel("requests/s")
    write_picture(figure, path, title)
