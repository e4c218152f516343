"""Write Markdown that no name or text can break: both come from the code under review."""

from collections.abc import Iterable, Sequence


def plain(text: str) -> str:
    """Return text on one line that is no HTML and mentions nobody."""
    return " ".join(str(text).split()).replace("<", "&lt;").replace("@", "&#64;")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells may hold anything."""
    cells = [[plain(each).replace("|", "\\|") for each in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, ["---"] * len(headings), *cells))


def bullets(lines: Iterable[str], *, most: int) -> str:
    """Return a list without repetitions, and how many items are left out of it."""
    known = list(dict.fromkeys(lines))
    more = [f"- and {len(known) - most} more, in the details below"] if len(known) > most else []
    return "\n".join([*(f"- {plain(line)}" for line in known[:most]), *more])


def folded(summary: str, text: str) -> str:
    """Return text that opens by a click."""
    return f"<details><summary>{plain(summary)}</summary>\n\n{text}\n\n</details>"
