"""Read the tables of rules beside this file: type, property, direction, verdict, gate, sentence, source.

The first row that fits a change decides. A change that no row knows is to be looked at.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from tools.review.reasons import Kind, Verdict
from tools.review.rules.directions import direction

FOLDER = Path(__file__).parent
# These are about a resource as a whole, and have no property.
OF_RESOURCES = ("added", "added to what is new", "removed", "replaced")
_TYPES = re.compile(r"## (.+)")
_SOURCE = re.compile(r"Source: (https://\S+)")
_HEAD = "property"


class Rule(NamedTuple):
    """A row of a table: what a property of a type is judged as when it changes in a direction."""

    type: str
    path: str
    default: str | None
    when: str
    verdict: Verdict
    kind: Kind
    why: str
    source: str

    def fits(self, path: str) -> bool:
        """Return whether the row is about this property."""
        return bool(_pattern(self.path).fullmatch(path))

    def holds(self, old: Any, new: Any, *, added: bool, fresh: bool) -> bool:
        """Return whether a property changes in this direction.

        `added` is for a part that is new, and `fresh` for one of a resource that is new as a whole.
        """
        known = direction(self.when)
        default = None if known.as_written else self.default
        before, after = (default if each is None else each for each in (old, new))
        counts = (known.of_additions or not added) and (known.of_new_resources or not fresh)
        return counts and known.holds(before, after)


def rules_of(type_name: str) -> list[Rule]:
    """Return the rows about a type, those of its own before those of every type."""
    known = _tables()
    return [*known.get(type_name, ()), *known["*"]]


def rule_for(
    type_name: str, path: str, old: Any, new: Any, *, added: bool = False, fresh: bool = False
) -> Rule | None:
    """Return the row that decides about a change of a property, if there is one."""
    return next(
        (
            each
            for each in rules_of(type_name)
            if each.when not in OF_RESOURCES
            and each.fits(path)
            and each.holds(old, new, added=added, fresh=fresh)
        ),
        None,
    )


def rule_of_resource(type_name: str, *effects: str) -> Rule | None:
    """Return the row that decides about a resource as a whole: that of the first effect that has one."""
    own = {each.when: each for each in rules_of(type_name) if each.when in OF_RESOURCES}
    return next((own[effect] for effect in effects if effect in own), None)


@cache
def _tables() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for page in sorted(FOLDER.glob("*.md")):
        for each in rows(page.read_text()):
            found.setdefault(each.type, []).append(each)
    return found


def rows(page: str) -> Iterator[Rule]:
    """Yield the rows of a page; raise ValueError for one that cannot be understood."""
    types: list[str] = []
    source = ""
    for line in page.splitlines():
        if heading := _TYPES.fullmatch(line):
            types, source = heading[1].split(", "), ""
        elif said := _SOURCE.fullmatch(line):
            source = said[1]
        elif line.startswith("|") and not line.startswith(("| " + _HEAD, "|-")):
            cells = [each.strip() for each in line.strip().strip("|").split("|")]
            yield from (_row(kind, cells, source, line) for kind in types)


def _row(type_name: str, cells: list[str], source: str, line: str) -> Rule:
    path, default, when, verdict, kind, why = cells
    if verdict not in get_args(Verdict) or kind not in get_args(Kind) or not why or not source:
        raise ValueError(f"a row of {type_name} has no verdict, sentence or source: {line}")
    if when not in OF_RESOURCES:
        direction(when)
    return Rule(
        type_name, path, default or None, when, cast("Verdict", verdict), cast("Kind", kind), why, source
    )


@cache
def _pattern(path: str) -> re.Pattern[str]:
    """Return a pattern of paths: `*` is within one step, `**` is any number of steps."""
    text = re.escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^.]*")
    return re.compile(text)
