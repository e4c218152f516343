"""Comment on the lines of a pull request that cause a finding, from a report that a stranger's code wrote.

Only lines that GitHub itself says the pull request changes get a comment, and only text that is no markup.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from tools.harmless import harmless
from tools.pipeline.comment import AUTHOR
from tools.pipeline.github import GitHub

_MARKER = "<!-- flask-fargate: review at the lines -->"
_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_SIGNS = {"dangerous": "🔴", "look": "🟡"}
# More than these nobody reads; the comment with the summary has all of them.
_MOST_COMMENTS = 20
_MOST_AT_A_LINE = 5
_MOST_CHARACTERS = 500


def acceptance(commit: str, into: str) -> str:
    """Return the label that accepts a commit for a branch, and nothing else; review.yml computes the same."""
    return f"accepted {hashlib.sha256(f'{commit} into {into}'.encode()).hexdigest()[:40]}"


def comment_at_lines(github: GitHub, *, pull_request: int, commit: str, report: str) -> int:
    """Comment on the lines of the findings in a report, once for each commit; return how many."""
    reviews = github.listed(f"/pulls/{pull_request}/reviews")
    if any(_is_ours(each) and each["commit_id"] == commit for each in reviews):
        return 0
    files = github.listed(f"/pulls/{pull_request}/files")
    shown = {each["filename"]: _lines(str(each.get("patch", ""))) for each in files}
    found: dict[tuple[str, int], list[str]] = {}
    for path, line, text in _findings(report):
        if line in shown.get(path, ()):
            found.setdefault((path, line), []).append(text)
    comments = [
        {
            "path": path,
            "line": line,
            "side": "RIGHT",
            "body": "\n".join(dict.fromkeys(texts[:_MOST_AT_A_LINE])),
        }
        for (path, line), texts in list(found.items())[:_MOST_COMMENTS]
    ]
    if comments:
        body = {
            "commit_id": commit,
            "event": "COMMENT",
            "body": f"{_MARKER}\nAt the lines:",
            "comments": comments,
        }
        github.send("POST", f"/pulls/{pull_request}/reviews", body)
    return len(comments)


def _is_ours(review: dict[str, Any]) -> bool:
    return review["user"]["login"] == AUTHOR and str(review.get("body", "")).startswith(_MARKER)


def _lines(patch: str) -> set[int]:
    """Return the lines of the new file that a patch shows: GitHub takes a comment on these alone."""
    found = set()
    number = 0
    for text in patch.splitlines():
        if hunk := _HUNK.match(text):
            number = int(hunk[1])
        elif not text.startswith("-"):
            found.add(number)
            number += 1
    return found


def _findings(report: str) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and harmless text of each finding; what is not a report has none."""
    try:
        environments = json.loads(report)["environments"]
        for environment in environments:
            for reason in environment["reasons"]:
                place = reason.get("place")
                if reason["level"] in _SIGNS and place:
                    text = harmless(f"{environment['name']}: {reason['text']}"[:_MOST_CHARACTERS])
                    yield str(place["path"]), int(place["line"]), f"- {_SIGNS[reason['level']]} {text}"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
