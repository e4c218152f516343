"""Keep the figures and pictures of docs/scale.md as the plan has them."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.environments import ENVIRONMENTS
from infra.parameters import Environment
from tools.assembly import Template, templates
from tools.plan.app import App
from tools.plan.facts import every_fact
from tools.plan.limits import cell_of, cells
from tools.plan.loads import loads
from tools.plan.picture import draw, title
from tools.plan.place import place
from tools.plan.report import Plan, first_limits, needs, plan, unknown
from tools.plan.sizing import launch_s, rollout_s
from tools.rehearsal.report import duration
from tools.review.forecast import forecast
from workshop.pages import filled
from workshop.scale_measured import RESULT

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
IMAGES = PAGE.parent / "images"
_TASKS = (2, 20, 200, 1000)


def plans(environments: Sequence[Environment], made: Mapping[str, Template]) -> list[Plan]:
    """Return the plans for 1x to 1000x of an app of the example's figures."""
    app = App()
    found = []
    for environment in environments:
        here = place(environment, made[environment.name], app)
        found.append(plan(environment.name, here, app, loads(here, app, traffic=None, users=None)))
    return found


def page(old: str, found: Sequence[Plan], made: Mapping[str, Template]) -> str:
    """Return the page with new tables; leave the text around them as it is."""
    last = found[-1]
    tables = {f"plan of {each.name}": _plan(each) for each in found}
    tables |= {
        "forecast": _forecast(json.loads(RESULT.read_text())),
        "deployments": _deployments(last, made[last.name]),
        "cells": _cells(last),
        "not known": "\n".join(f"- {sentence}" for sentence in unknown(last)),
        "facts": _facts(),
    }
    return filled(PAGE, old, tables)


def pictures(found: Sequence[Plan]) -> dict[Path, str]:
    """Return the pictures of the page, each with its question and answer."""
    return {_image(each): title(each) for each in found}


def _image(of: Plan) -> Path:
    return IMAGES / f"scale-{of.name}.png"


def _plan(of: Plan) -> str:
    names = [load.name for load in of.loads]
    first = ["limit", "hit at", "there is", "what moves it", "source"]
    limits = [(*row[:4], _linked(row[4])) for row in first_limits(of)]
    return f"{_table([of.name, *names], needs(of))}\n\n{_table(first, limits)}"


def _forecast(result: dict[str, Any]) -> str:
    """Return what `python -m workshop.scale_measured` found beside what was foretold."""
    foretold, found, error = result["knee"]
    text = (
        f"Measured on {result['measured']} by `python -m workshop.scale_measured`: {result['threads']} "
        f"threads behind nginx, requests that wait, {result['request_ms']} ms in the mean. "
        f"The knee: foretold {foretold:g}/s, found {found:g}/s, {error:+g} %."
    )
    rows = [
        (
            f"{row['asked']:g}",
            f"{row['answers']:g}",
            ", ".join(f"{kind} x {count}" for kind, count in sorted(row["errors"].items())) or "-",
            *(f"{first:,.0f}, {second:,.0f}: {off:+g} %" for first, second, off in (row["busy"], row["p95"])),
        )
        for row in result["rows"]
    ]
    heading = ["asked/s", "answers/s", "errors", "busy %: foretold, found", "p95 ms: foretold, found"]
    return f"{text}\n\n{_table(heading, rows)}"


def _deployments(of: Plan, template: Template) -> str:
    known = forecast(template)
    if not known:
        raise LookupError(f"the template of {of.name} has no load balancer")
    rows = [
        (
            f"{tasks:,}",
            f"{launch_s(tasks):,.0f} s",
            f"{known.serving_s} s",
            f"{known.done_s - known.serving_s} s",
            duration(rollout_s(of.place, tasks)),
        )
        for tasks in _TASKS
    ]
    return _table(
        ["tasks", "the last one is started after", "is healthy after", "the old one is gone after", "in all"],
        rows,
    )


def _cells(of: Plan) -> str:
    bound = cell_of(of.hits)
    rows = [
        (
            load.name,
            f"{load.rps:,.0f}",
            str(number := cells(of.hits, load.rps)),
            f"{100 / number:,.0f} %",
            f"{(number - 1) * of.place.fixed_usd:,.0f}",
        )
        for load in of.loads
    ]
    text = f"One cell of {of.name} carries {bound.rps:,.0f} requests/s: then {bound.limit.name} run out."
    heading = [
        "load",
        "requests/s",
        "cells",
        "of the users one cell's failure hits",
        "USD a month more than one",
    ]
    return f"{text}\n\n{_table(heading, rows)}"


def _facts() -> str:
    rows = [(f"{each.value:,g}", each.says, _linked(each.source), each.of) for each in every_fact().values()]
    return _table(["number", "what it is", "page", "read, or of"], rows)


def _linked(source: str) -> str:
    address, comma, rest = source.partition(", ")
    if not address.startswith("https://"):
        return source
    return f"[{address.split('/')[2]}]({address}){comma}{rest}"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> None:
    """Rewrite tables and pictures."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    made = templates()
    found = plans(ENVIRONMENTS, made)
    PAGE.write_text(page(PAGE.read_text(), found, made))
    for each in found:
        draw(each, _image(each))


if __name__ == "__main__":
    main()
