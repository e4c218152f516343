"""Show what a flash crowd did in the local cloud, beside what the rehearsal foretold, for docs/scaling.md."""

import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from tools.pictures import BLUE, GREY, VERMILION, plain, write_picture
from workshop.crowd_measured import RESULT


def measured() -> dict[str, Any]:
    """Return what `python -m workshop.crowd_measured` has written."""
    found: dict[str, Any] = json.loads(RESULT.read_text())
    return found


def title(of: dict[str, Any]) -> str:
    """Return the question of the picture and its answer."""
    shed = of["errors"].get("503", 0)
    asked = of["answers"] + sum(of["errors"].values())
    lost = asked - of["answers"] - shed
    return (
        "Does the local cloud scale as the rehearsal foretells?\n"
        f"{max(of['desired'])} tasks for {max(of['foretold'])}; "
        f"of {asked:,} requests {shed:,} shed, {lost} lost"
    )


def table(of: dict[str, Any]) -> str:
    """Return when the count of tasks changed, in minutes of the autoscaler, in both."""
    lines = ["| after, min | rehearsal | local cloud |", "|---|---|---|"]
    minutes = [second * of["speed"] / 60 for second in range(len(of["rates"]))]
    rows = zip(minutes, of["foretold"], of["desired"], strict=True)
    before = None
    for minute, foretold, found in rows:
        if (foretold, found) != before:
            lines.append(f"| {minute:.1f} | {foretold} | {found} |")
        before = (foretold, found)
    return "\n".join(lines)


def draw(of: dict[str, Any], path: Path) -> None:
    """Draw rates and tasks over the autoscaler's minutes."""
    minutes = [second * of["speed"] / 60 for second in range(len(of["rates"]))]
    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    figure.suptitle(title(of), fontsize=12, fontweight="bold", x=0.01, ha="left")
    load, tasks = figure.subplots(2, 1, sharex=True)
    load.step(minutes, of["rates"], color=GREY, where="post")
    load.set_ylabel("requests/s")
    tasks.step(minutes, of["foretold"], color=VERMILION, linestyle="--", where="post", label="rehearsal")
    tasks.step(minutes, of["desired"], color=BLUE, where="post", label="local cloud")
    tasks.set_ylabel("desired tasks")
    tasks.set_xlabel("minutes of the autoscaler")
    tasks.legend(loc="upper right", frameon=False, fontsize=8.5)
    for axes in (load, tasks):
        plain(axes)
        axes.set_ylim(bottom=0)
    write_picture(figure, path, title(of))
