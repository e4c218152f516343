"""Draw pictures that ask one question each and answer it, with colours and axes that all of them share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.recorded import DEV, OURS, SERVERS
from tools.pictures import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, plain, write_picture

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
_COLORS = {DEV: VERMILION, "gthread": ORANGE, OURS: BLUE, "ours, apache": GREEN}
_COLORS |= {"granian": PURPLE, "waitress": GREY}


@dataclass(frozen=True)
class Chart:
    """A picture with its question, and the answer that the recorded results give."""

    name: str
    question: str
    answer: Callable[[], str]
    draw: Callable[[Figure], None]

    @property
    def path(self) -> Path:
        """Return the path of the picture's file."""
        return IMAGES / f"performance-{self.name}.png"

    def title(self) -> str:
        """Return the question and its answer, which stand above the picture."""
        return f"{self.question}\n{self.answer()}"

    def write(self) -> None:
        """Draw the picture and write it to its file."""
        figure = Figure(figsize=(11, 5.2), dpi=100, layout="constrained")
        figure.suptitle(self.title(), fontsize=13, fontweight="bold", x=0.01, ha="left")
        self.draw(figure)
        for axes in figure.axes:
            plain(axes)
        write_picture(figure, self.path, self.title())


def color(server: str) -> str:
    """Return a server's colour, which is the same in all charts."""
    return _COLORS.get(server, "black")


def style(server: str) -> dict[str, Any]:
    """Return how a server's line is drawn; the two servers that the page compares have wider lines."""
    width = 2.6 if server in {DEV, OURS} else 1.4
    return {"color": color(server), "linewidth": width, "marker": "o", "label": SERVERS[server]}


def log_ticks(axes: Axes, values: list[float], unit: str = "") -> None:
    """Give a chart a logarithmic x axis that names only these values."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(values))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}{unit}"))


def bars(axes: Axes, values: Mapping[str, float | None], colors: Sequence[str], unit: str) -> None:
    """Draw horizontal bars, the first on top, each with its value; None means that nothing was answered."""
    places = range(len(values))
    axes.barh(places, [value or 0 for value in values.values()], color=colors, height=0.65)
    axes.set_yticks(places, list(values))
    axes.set_ylim(len(values) - 0.5, -0.8)
    for place, value in zip(places, values.values(), strict=True):
        text = "no answer at all" if value is None else f"{value:g}"
        axes.text(value or 0, place, f" {text}", va="center", fontsize=9)
    axes.set_xlabel(unit)
    axes.margins(x=0.15)


def server_bars(axes: Axes, values: Mapping[str, float | None], unit: str) -> None:
    """Draw a bar for each server, in the server's colour."""
    named = {SERVERS[server]: value for server, value in values.items()}
    bars(axes, named, [color(server) for server in values], unit)


def legend_outside(figure: Figure, axes: Axes) -> None:
    """Draw one legend for all panels, beside them."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right center", frameon=False, fontsize=9)
