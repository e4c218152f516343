"""Collect what becomes of each thing found in a foreign repository, and show it as one table."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tools import show

Verdict = Literal["taken over", "set otherwise", "left to you"]
VERDICTS: tuple[Verdict, ...] = ("taken over", "set otherwise", "left to you")
# What a table shows of a longer value.
_LONGEST = 60


class Row(NamedTuple):
    """One thing of the foreign repository: where it stands, its value, and what becomes of it here."""

    verdict: Verdict
    source: str
    given: str
    here: str


class Report:
    """The rows of one adoption, each of them once."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, verdict: Verdict, source: str, given: object, here: str) -> None:
        """Add a row, unless it is there."""
        row = Row(verdict, source, shown(given), here)
        if row not in self.rows:
            self.rows.append(row)

    def taken(self, source: str, given: object, here: str) -> None:
        """Add what means the same here."""
        self.add("taken over", source, given, here)

    def otherwise(self, source: str, given: object, here: str) -> None:
        """Add what is set otherwise here; `here` says how and why."""
        self.add("set otherwise", source, given, here)

    def yours(self, source: str, given: object, here: str) -> None:
        """Add what a person has to decide; `here` says what to do and where to read on."""
        self.add("left to you", source, given, here)

    def merge(self, name: str, rows: Sequence[Row], everywhere: Sequence[Row]) -> None:
        """Add the rows of one environment; those that are not the same in every one are marked by its name."""
        for row in rows:
            here = row.here if row in everywhere else f"{name}: {row.here}"
            self.add(row.verdict, row.source, row.given, here)

    def print(self) -> None:
        """Show the rows by verdict, what a person has to do at the end."""
        for verdict in VERDICTS:
            rows = [[row.source, row.given, row.here] for row in self.rows if row.verdict == verdict]
            if rows:
                show.table(f"{verdict} ({len(rows)})", ["found", "value", "here"], _plain(rows))


def shown(value: object) -> str:
    """Return a value as one short line."""
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain(rows: list[list[str]]) -> list[list[str]]:
    # Square brackets are rich's markup.
    return [[cell.replace("[", r"\[") for cell in row] for row in rows]
