"""Write Markdown that no name or text can break: both come from the code under review."""

from collections.abc import Iterable, Sequence

from tools.harmless import harmless, in_html


class Written(str):
    """Text that is Markdown already, and was made of harmless parts."""

    __slots__ = ()


def cell(text: str) -> str:
    """Return text for a cell or a line; what is Markdown already stays."""
    return text if isinstance(text, Written) else harmless(text)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells may hold anything."""
    cells = [[cell(each) for each in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, ["---"] * len(headings), *cells))


def bullets(lines: Iterable[str], *, most: int) -> str:
    """Return a list without repetitions, and how many items are left out of it."""
    known = list(dict.fromkeys(lines))
    more = [f"- and {len(known) - most} more, in the details below"] if len(known) > most else []
    return "\n".join([*(f"- {cell(line)}" for line in known[:most]), *more])


def folded(summary: str, text: str) -> str:
    """Return text that opens by a click."""
    return f"<details><summary>{in_html(summary)}</summary>\n\n{text}\n\n</details>"
