"""Find the line of a change that causes a finding, by what the change and the finding have in common."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tools.assembly import Template
from tools.review.reasons import Reason

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_WORD = re.compile(r"[A-Za-z0-9_.-]{2,}|\d")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
ENVIRONMENTS = "infra/environments.py"
# What decides what is deployed, the likeliest first.
_SOURCES = (ENVIRONMENTS, "infra/", "app.py", "cdk.json", "service/", "requirements", "package")
# In words of the report, which are in many a line of code too.
_COMMON = frozenset(
    (
        *("the", "and", "for", "its", "none", "that", "with", "from", "can", "now", "may", "look", "stack"),
        *("properties", "resource", "default", "value", "is", "are", "of", "to", "in", "on", "it"),
    )
)


class Place(NamedTuple):
    """A line of a file of the head."""

    path: str
    line: int


class Line(NamedTuple):
    """A line that the change adds, or beside which it takes one away, and the words in it.

    `owner` is the environment that the line describes, if it describes one alone.
    """

    place: Place
    words: frozenset[str]
    owner: str = ""


def lines(diff: str, *, environments: str = "") -> list[Line]:
    """Return the lines of a unified diff that differ, as they are numbered in the head.

    `environments` is the head's infra/environments.py.
    """
    owners = _owners(environments)
    return [
        each._replace(owner=owners.get(each.place.line, "")) if each.place.path == ENVIRONMENTS else each
        for each in _lines(diff)
    ]


def _owners(source: str) -> dict[int, str]:
    """Return the name that stands in the call around each line."""
    try:
        calls = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return {}
    return {
        line: str(keyword.value.value)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
        for line in range(call.lineno, (call.end_lineno or call.lineno) + 1)
    }


def _lines(diff: str) -> Iterator[Line]:
    path, number, last, removed = "", 0, 0, 0
    inside = False  # of a hunk; before it stand lines that begin with + and - too
    for text in diff.splitlines():
        if text.startswith("diff --git "):
            inside, path = False, ""
        elif not inside and text.startswith("+++ "):
            path = text[4:].split("\t")[0].removeprefix("b/")
        elif hunk := _HUNK.match(text):
            inside, number, removed = path != "/dev/null", int(hunk[1]), 0
            last = number + int(hunk[2] or 1) - 1
        elif inside and text.startswith("+"):
            yield Line(Place(path, number), _words(text[1:]))
            number += 1
        elif inside and text.startswith("-"):
            # What goes is at the line that comes instead.
            yield Line(Place(path, max(1, min(number + removed, last))), _words(text[1:]))
            removed += 1


def place(
    reason: Reason, changed: list[Line], *, environment: str, new: Template, old: Template
) -> Place | None:
    """Return the line that has most in common with a finding, of the likeliest file; None without any."""
    changed = [each for each in changed if each.owner in ("", environment)]
    wanted = _wanted(reason, new, old)
    weights = _weights(changed)
    scored = [
        (sum(weights[each] for each in wanted & line.words), -_rank(line.place.path), line)
        for line in changed
    ]
    best = max(scored, key=lambda each: each[:2], default=None)
    return best[2].place if best else None


def _wanted(reason: Reason, new: Template, old: Template) -> frozenset[str]:
    text = [reason.text]
    for logical_id in reason.about:
        for template in (new, old):
            resource = template.get("Resources", {}).get(logical_id, {})
            text.append(str(resource.get("Metadata", {}).get("aws:cdk:path", "")))
            text.append(str(resource.get("Type", "")))
    return _words(" ".join(text))


def _words(text: str) -> frozenset[str]:
    """Return the words of a text and their parts: MemoryMib and memory_mib have something in common."""
    whole = set(_WORD.findall(text))
    parts = {part for word in whole for part in _PART.findall(word) if len(part) > 1 or part.isdigit()}
    return frozenset(each.lower() for each in whole | parts) - _COMMON


def _weights(changed: Iterable[Line]) -> dict[str, float]:
    """Return how much a word tells: little if it is in many lines."""
    counts: dict[str, int] = {}
    for line in changed:
        for word in line.words:
            counts[word] = counts.get(word, 0) + 1
    return {word: 1 / count for word, count in counts.items()}


def _rank(path: str) -> int:
    return next((rank for rank, start in enumerate(_SOURCES) if path.startswith(start)), len(_SOURCES))
