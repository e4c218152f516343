"""Review what a change does beside AWS: the manifests of both sides, property by property."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.elsewhere.changes import Change as Difference
from tools.elsewhere.changes import changes
from tools.elsewhere.cost import of_manifests
from tools.review.cost import Cost
from tools.review.engine import Property
from tools.review.errors import SynthesisError
from tools.review.reasons import Kind, Reason
from tools.review.resources import Change, Effect
from tools.review.review import Reviewed
from tools.review.synthesis import Synthesis
from tools.review.values import short

_TITLES = {"google": "Cloud Run", "azure": "Container Apps"}
_WIDER = ("get in", "rights")
Files = dict[str, Any]


# What says where it is, and is in no manifest of Google's.
_MOVES = ("project", "region", "subscription", "resource_group", "environment")


class Side(NamedTuple):
    """What a side writes for an environment in a place: its files or why it is refused, and where."""

    files: Files
    refused: str = ""
    where: dict[str, Any] = {}  # noqa: RUF012 # nobody adds to it


def reviewed_abroad(base: Synthesis, head: Synthesis) -> list[Reviewed]:
    """Return a row for each environment in each place; raises SynthesisError for what cannot be read."""
    try:
        before, after = _sides(base), _sides(head)
        return [_reviewed(key, before.get(key), after.get(key)) for key in dict.fromkeys((*after, *before))]
    except (AttributeError, TypeError, ValueError, KeyError, RecursionError) as error:
        raise SynthesisError(
            f"a side writes manifests that cannot be read: {type(error).__name__}"
        ) from error


def _sides(side: Synthesis) -> dict[tuple[str, str], Side]:
    return {
        (str(name), str(kind)): Side(dict(written["files"]), str(written["refused"]), dict(written["where"]))
        for name, places in (side.elsewhere or {}).items()
        for kind, written in places.items()
    }


def _reviewed(key: tuple[str, str], before: Side | None, after: Side | None) -> Reviewed:
    name, kind = key
    row = f"{name} on {_TITLES.get(kind, kind)}"
    if not after:
        text = "no longer described: what is deployed there stays, and costs, until you remove it"
        return Reviewed(name=row, reasons=[Reason("look", text)], costs=(_cost(before), None))
    if after.refused:
        known = bool(before and before.refused == after.refused)
        return Reviewed(name=row, reasons=[] if known else [Reason("dangerous", f"refused: {after.refused}")])
    costs = (_cost(before), _cost(after))
    if not before or before.refused:
        text = f"new there: {', '.join(after.files)}"
        return Reviewed(name=row, reasons=[Reason("look", text)], costs=costs)
    found = list(_changed(before.files, after.files))
    return Reviewed(
        name=row,
        reasons=[*_moves(before, after), *_reasons(found)],
        changes=[_change(file, effect, differences) for file, effect, differences in found],
        costs=costs,
    )


def _moves(before: Side, after: Side) -> Iterator[Reason]:
    for key in _MOVES:
        old, new = before.where.get(key), after.where.get(key)
        if old != new:
            text = f"it moves: {key} {short(old)} → {short(new)}; what is there stays until you remove it"
            yield Reason("dangerous", text, "destructive")


_Changed = tuple[str, Effect, list[Difference]]


def _changed(before: Files, after: Files) -> Iterator[_Changed]:
    for file in sorted({*before, *after}):
        if file not in after:
            yield file, "removed", []
        elif file not in before:
            yield file, "added", []
        elif before[file] != after[file]:
            yield file, "updated", list(changes(before[file], after[file]))


def _reasons(found: list[_Changed]) -> Iterator[Reason]:
    """Yield a reason for each property that needs eyes, and one for all others that have the same effect."""
    harmless: dict[str, int] = {}
    for file, effect, differences in found:
        if effect == "removed":
            yield Reason("look", f"{file} is gone: what it has deployed stays until you delete it")
        if effect == "added":
            yield Reason("look", f"{file} is new")
        for each in differences:
            if each.level == "safe":
                harmless[each.verdict] = harmless.get(each.verdict, 0) + 1
                continue
            text = (
                f"{each.verdict.partition(', ')[2]}: {each.path} {short(each.before)} → {short(each.after)}"
            )
            yield Reason(each.level, f"{text} ({file})", _kind(each))
    for verdict, count in harmless.items():
        yield Reason("safe", f"{count} {'property' if count == 1 else 'properties'} of a manifest: {verdict}")


def _kind(each: Difference) -> Kind:
    if any(each.verdict.endswith(words) for words in _WIDER) and "fewer" not in each.verdict:
        return "widening"
    return "destructive" if each.verdict.startswith("REPLACED") else ""


def _change(file: str, effect: Effect, differences: list[Difference]) -> Change:
    return Change(
        logical_id=file,
        type="manifest",
        effect=effect,
        stateful=False,
        note="",
        properties=[Property(each.path, each.before, each.after, each.verdict) for each in differences],
    )


def _cost(side: Side | None) -> Cost | None:
    """Return what the instances cost, which have no price while there are none."""
    if not side or side.refused:
        return None
    found = of_manifests(side.files.values())
    if not found:
        return None
    place = found.place
    return Cost(found.edge, found.edge + found.fewest, found.edge + found.most, {}, {}, place, place, [])
