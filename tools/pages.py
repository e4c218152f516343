"""Pages of docs/ that commands make in part: tables between two comments, and pictures."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which people who do not tell red from green tell apart: https://jfly.uni-koeln.de/color/
BLUE, SKY, GREEN, YELLOW = "#0072B2", "#56B4E9", "#009E73", "#F0E442"
ORANGE, VERMILION, PURPLE, GREY = "#E69F00", "#D55E00", "#CC79A7", "#666666"


def filled(page: Path, old: str, tables: Mapping[str, str]) -> str:
    """The page's text with its tables made anew; the text around them is left as it is."""
    for name, text in tables.items():
        before, begin, rest = old.partition(f"<!-- {name}: made by make docs -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        if not begin or not end:
            sys.exit(f"{page.name} lacks the two comments between which its {name} stand")
        old = f"{before}{begin}{text}\n{end}{after}"
    return old


def plain(axes: Axes) -> None:
    """A grid behind the data, no frame."""
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def write_picture(figure: Figure, path: Path, title: str) -> None:
    """Write the PNG, whole or not at all; its title stands in its metadata. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".png")
    os.close(handle)
    try:
        figure.savefig(part, metadata={"Title": title})
        Path(part).chmod(0o644)
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)
