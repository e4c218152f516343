"""Draw a plan: cost and headroom against load, with the first limits as lines."""

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools.pictures import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION, plain, write_picture
from tools.plan.bill import usd_a_month
from tools.plan.limits import Hit
from tools.plan.report import SHOWN_LIMITS, Plan, answer, assumptions
from tools.plan.sizing import size

_POINTS = 120
_COLORS = (VERMILION, ORANGE, GREEN, SKY)


def title(of: Plan) -> str:
    """Return the picture's question and answer."""
    return f"What does {of.name} need as its load grows?\n{answer(of)}"


def draw(of: Plan, path: Path) -> None:
    """Write the PNG, whole or not at all; its title stands in its metadata. Raises OSError."""
    shown = [hit for hit in of.hits if math.isfinite(hit.rps) and hit.rps][:SHOWN_LIMITS]
    loads = _loads([*(load.rps for load in of.loads), *(hit.rps for hit in shown)])
    figure = Figure(figsize=(11, 8), dpi=100, layout="constrained")
    figure.suptitle(f"{title(of)}\n", fontsize=13, fontweight="bold", x=0.01, ha="left")
    figure.text(0.011, 0.925, assumptions(of), fontsize=8.5, color=GREY)
    cost, headroom = figure.subplots(2, 1, sharex=True)
    _draw_cost(cost, of, loads)
    _draw_headroom(headroom, of, loads, shown)
    for axes in (cost, headroom):
        for hit, color in zip(shown, _COLORS, strict=False):
            axes.axvline(hit.rps, color=color, linestyle=":", linewidth=1.4)
        plain(axes)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(x=0)
        axes.legend(loc="center left", bbox_to_anchor=(1.005, 0.5), frameon=False, fontsize=8.5)
    headroom.set_xlabel("requests/s")
    write_picture(figure, path, title(of))


def _loads(marks: Sequence[float]) -> list[float]:
    """Return the loads to draw, even on a logarithmic axis, from before the first mark to the last."""
    low, high = math.log10(min(marks) / 2), math.log10(max(marks) * 2)
    return [10 ** (low + (high - low) * step / (_POINTS - 1)) for step in range(_POINTS)]


def _draw_cost(axes: Axes, of: Plan, loads: list[float]) -> None:
    usd = [usd_a_month(of.place, size(of.place, of.app, each)) for each in loads]
    axes.plot(loads, usd, color=BLUE, linewidth=1.8, label="cost of a month at this load")
    axes.set_ylabel("USD a month")


def _draw_headroom(axes: Axes, of: Plan, loads: list[float], shown: list[Hit]) -> None:
    sizes = [size(of.place, of.app, each) for each in loads]
    # Two limits may be used alike: drawn ever thinner, all can be seen.
    for hit, color, width in zip(shown, _COLORS, (5, 3.6, 2.4, 1.2), strict=False):
        used = [100 * hit.limit.share(each) for each in sizes]
        axes.plot(loads, used, color=color, linewidth=width, label=hit.limit.name.replace(", ", ",\n"))
    axes.axhline(100, color="black", linewidth=1, label="the limit")
    axes.set_ylabel("% of the limit in use")
