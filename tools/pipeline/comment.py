"""Keep one comment of each kind on a pull request, and rewrite it each time."""

from tools.pipeline.github import GitHub

# https://docs.github.com/en/rest/issues/comments: a body of at most 65,536 characters.
MOST_CHARACTERS = 60_000
AUTHOR = "github-actions[bot]"


def put(github: GitHub, *, pull_request: int, kind: str, text: str) -> str:
    """Write the comment of this kind, or over the one that is there; returns its URL."""
    marker = f"<!-- flask-fargate: {kind} -->"
    body = {"body": f"{marker}\n{text}"}
    for comment in github.listed(f"/issues/{pull_request}/comments"):
        if comment["body"].startswith(marker) and comment["user"]["login"] == AUTHOR:
            return str(github.send("PATCH", f"/issues/comments/{comment['id']}", body)["html_url"])
    return str(github.send("POST", f"/issues/{pull_request}/comments", body)["html_url"])
