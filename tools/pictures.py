"""Draw pictures that look alike: colours, axes, and a file that is whole or not there."""

import os
import tempfile
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which people who do not tell red from green tell apart: https://jfly.uni-koeln.de/color/
BLUE, SKY, GREEN, YELLOW = "#0072B2", "#56B4E9", "#009E73", "#F0E442"
ORANGE, VERMILION, PURPLE, GREY = "#E69F00", "#D55E00", "#CC79A7", "#666666"


def plain(axes: Axes) -> None:
    """Put a grid behind the data, and take the frame away."""
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def write_picture(figure: Figure, path: Path, title: str) -> None:
    """Write a PNG, whole or not at all, with its title in its metadata; raise OSError where that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".png")
    os.close(handle)
    try:
        figure.savefig(part, metadata={"Title": title})
        Path(part).chmod(0o644)
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)
