"""Write the parts of the report that are tables, or folded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tools import prices
from tools.elsewhere.cost import PLACES, READ
from tools.harmless import code, harmless, in_html
from tools.prices import FARGATE_READ
from tools.review.cost import Cost
from tools.review.resources import EFFECTS, Change, Effect
from tools.review.review import Reviewed
from tools.review.rules.leaves import leaves
from tools.review.tables import Written, bullets, folded, table
from tools.review.values import values

_HEADINGS: dict[Effect, str] = {
    "replaced": "Replaced: a new one is made, the old one is deleted",
    "removed": "Removed",
    "interrupted": "Updated with interruption",
    "updated": "Updated in place",
    "added": "Added",
}


def resources(each: Reviewed, *, deep: bool) -> Iterator[str]:
    """Yield what happens to an environment's resources, each kind of change folded with its properties."""
    for effect in EFFECTS:
        group = [change for change in each.changes if change.effect == effect]
        if group:
            names = [f"{change.name}{' (has state)' if change.stateful else ''}" for change in group]
            shown = _properties(group) if deep else bullets(names, most=40)
            yield folded(f"{_HEADINGS[effect]} ({len(group)})", shown)


def _properties(group: Sequence[Change]) -> str:
    lines = []
    for change in group:
        state = ", **has state**" if change.stateful else ""
        note = f": {harmless(change.note)}" if change.note else ""
        lines.append(f"- {code(change.type)} {harmless(change.logical_id)}{state}{note}")
        for found in change.properties:
            places = [each for each in leaves(*found[:3]) if not each.added]
            lines += [f"  - {harmless(each.path)}: {_before_and_now(each.old, each.new)}" for each in places]
    return "\n".join(lines)


def _before_and_now(old: Any, new: Any) -> str:
    return " → ".join(code(text) if text else "none" for text in values(old, new))


def findings(each: Reviewed) -> Iterator[str]:
    """Yield the findings that are new, gone, or newly accepted."""
    found = each.findings
    groups = {
        "New findings": found.new,
        "Exceptions accepted with this change": found.accepted,
        "No longer found": found.gone,
        "Exceptions no longer needed": found.no_longer_accepted,
    }
    for heading, group in groups.items():
        if group:
            rows = [(finding.rule, finding.where, finding.text) for finding in group]
            yield folded(f"{heading} ({len(group)})", table(("rule", "where", "what"), rows))


def parameter_table(environments: Sequence[Reviewed]) -> str:
    """Return a table of every parameter that changes somewhere, with its value everywhere."""
    names = dict.fromkeys(found.name for each in environments for found in each.parameters)
    told = [each for each in environments if each.settings]
    rows = []
    for name in names:
        row: list[str] = [Written(code(name))]
        for each in told:
            changed = {
                found.name: Written(f"**{harmless(found.old)} → {harmless(found.new)}**")
                for found in each.parameters
            }
            row.append(changed.get(name, each.settings.get(name, "-")))
        rows.append(row)
    return table(("parameter", *(harmless(each.name) for each in told)), rows) if rows else ""


def cost_table(environments: Sequence[Reviewed]) -> str:
    """Return a table of costs: idle, with the fewest and with the most tasks, before and now."""
    headings = ("USD a month", "standing still", "with the fewest tasks", "with the most tasks")
    rows = [
        (
            each.name,
            _dollars(old and old.fixed, new and new.fixed),
            _dollars(old and old.at_min, new and new.at_min),
            _dollars(old and old.at_max, new and new.at_max),
        )
        for each in environments
        for old, new in [each.costs]
        if old or new
    ]
    return table(headings, rows)


def _dollars(old: float | None, new: float | None) -> str:
    if new is None:
        return "-" if old is None else f"{old:,.0f}, until its stack is destroyed"
    if old is None:
        return f"new: {new:,.0f}"
    before, now = round(old), round(new)
    return f"{now:,}" if before == now else f"{before:,} → {now:,} ({now - before:+,})"


def costs_note(environments: Sequence[Reviewed]) -> str:
    """Return what the figures leave out."""
    costs = [side for each in environments for side in each.costs if side]
    unknown = sum((Counter(side.unknown) for side in _latest(environments)), Counter[str]())
    by_use = sorted({name.removeprefix("AWS::") for side in costs for name in side.by_use})
    lines = [
        (
            f"List prices, read on {prices.READ} (tools/prices.py; Fargate's in {FARGATE_READ}), "
            "without taxes, discounts and traffic; Spot as it was then. "
            f"Paid by use, and not in it: {in_html(', '.join(by_use) or 'nothing')}."
        )
    ]
    beside = sorted({each for side in _latest(environments) for each in side.uncounted})
    if beside:
        lines.append(f"Billed beside that, and not counted: {in_html(', '.join(beside))}.")
    if any(side.region in PLACES for side in costs):
        lines.append(
            f"{' and '.join(PLACES)}: as tools/elsewhere/cost.py has it, of {READ}, instances at work all "
            "the time, workers and jobs not counted."
        )
    others = [side for side in costs if side.priced_as != side.region]
    lines += [f"{in_html(side.region)} is not in the table: priced as {side.priced_as}." for side in others]
    if unknown:
        counted = ", ".join(f"{count} {name}" for name, count in unknown.items())
        lines.append(f"Without a price in the table, and so missing: {in_html(counted)}.")
    return f"<sub>{' '.join(dict.fromkeys(lines))}</sub>"


def _latest(environments: Sequence[Reviewed]) -> list[Cost]:
    return [each.costs[1] for each in environments if each.costs[1]]


def forecast_lines(environments: Sequence[Reviewed]) -> str:
    """Return how long a deployment takes, for environments whose tasks are replaced."""
    lines = []
    for each in environments:
        old, new = each.forecasts
        rolls = any(change.type == "AWS::ECS::TaskDefinition" for change in each.changes)
        if new and (rolls or old != new):
            before = f"Before: {old.figures}." if old and old != new else ""
            lines.append(
                Written(f"**{harmless(each.name)}**, {harmless(new.text)}. {harmless(before)}".rstrip())
            )
    return bullets(lines, most=20)


def details(each: Reviewed, *, deep: bool) -> list[str]:
    """Return all folded sections."""
    return [*resources(each, deep=deep), *findings(each)]
