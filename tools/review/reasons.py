"""Define verdicts, and the reasons for them."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Verdict = Literal["no change", "safe", "look", "dangerous"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Kind = Literal["destructive", "widening", ""]


class Reason(NamedTuple):
    """A sentence for the reviewer, with its verdict and the gate that it trips beside that.

    `about` are the logical ids of the resources that it is about.
    """

    level: Verdict
    text: str
    kind: Kind = ""
    about: tuple[str, ...] = ()


def worst(levels: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict; without any, nothing changed."""
    return max(levels, key=VERDICTS.index, default="no change")


def listed(items: list[str], *, most: int = 4) -> str:
    """Return the items in one line, however many there are."""
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more} more" if more > 0 else "")
