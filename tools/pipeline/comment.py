"""Keep one comment of each kind on a pull request, and rewrite it each time."""

import re

from tools.pipeline.github import GitHub

# https://docs.github.com/en/rest/issues/comments: a body of at most 65,536 characters.
MOST_CHARACTERS = 60_000
_CUT = "\n\n... cut here: the whole report is the artifact of the run."
_AUTHOR = "github-actions[bot]"
# GitHub sees a mention after anything but a letter, a digit or one of these characters.
_MENTION = re.compile(r"(?<![\w/.`-])@(?=[A-Za-z0-9])")
_NOTHING_WIDE = "\u200b"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def harmless(text: str) -> str:
    """Return somebody else's text so that it mentions nobody and passes for no other comment."""
    text = _CONTROL.sub("", text).replace("<!--", "&lt;!--")
    text = _MENTION.sub(f"@{_NOTHING_WIDE}", text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - len(_CUT)] + _CUT


def put(github: GitHub, *, pull_request: int, kind: str, text: str) -> str:
    """Write the comment of this kind, or over the one that is there; returns its URL."""
    marker = f"<!-- flask-fargate: {kind} -->"
    body = {"body": f"{marker}\n{text}"}
    for comment in github.listed(f"/issues/{pull_request}/comments"):
        if comment["body"].startswith(marker) and comment["user"]["login"] == _AUTHOR:
            return str(github.send("PATCH", f"/issues/comments/{comment['id']}", body)["html_url"])
    return str(github.send("POST", f"/issues/{pull_request}/comments", body)["html_url"])
