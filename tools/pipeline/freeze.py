"""Freeze the pipeline after a failed deployment, until a person has looked.

The lock is an open issue with a label. To set it, a workflow needs the right to write issues and no other
(a workflow's token cannot write variables of the repository); only people with triage rights can label
issues; and people can discuss the failure in the issue. Closing it opens the pipeline again.
"""

from typing import Any

from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub

LABEL = "pipeline-frozen"
_EXISTS = 422


def locks(github: GitHub) -> list[dict[str, Any]]:
    """Return the open issues that freeze the pipeline; raise PipelineError if GitHub does not answer."""
    found = github.listed(f"/issues?state=open&labels={LABEL}")
    return [issue for issue in found if "pull_request" not in issue]


def why_frozen(found: list[dict[str, Any]]) -> str:
    """Return one line for whoever wonders why nothing is deployed."""
    named = ", ".join(f"#{issue['number']} ({issue['title']}) {issue['html_url']}" for issue in found)
    return f"The pipeline is frozen by {named}. Close it when the cause is fixed; the next run deploys again."


def freeze(github: GitHub, *, environment: str, commit: str, run_url: str, outcome: str) -> str:
    """Open the issue, or comment on the one that is open; return its URL."""
    text = (
        f"Deploying {commit} to **{environment}** failed: {outcome}\n\n"
        f"Run: {run_url}\n\n"
        f"1. `make status ENV={environment}` says what runs now, `make why ENV={environment}` what failed.\n"
        "2. Revert or fix the change on the branch: the next deployment brings it back otherwise.\n"
        "3. Close this issue. Until then no run deploys anything, to any environment."
    )
    found = locks(github)
    if found:
        github.send("POST", f"/issues/{found[0]['number']}/comments", {"body": text})
        return str(found[0]["html_url"])
    _make_label(github)
    made = github.send(
        "POST",
        "/issues",
        {
            "title": f"Deployment to {environment} failed: the pipeline is frozen",
            "body": text,
            "labels": [LABEL],
        },
    )
    return str(made["html_url"])


def _make_label(github: GitHub) -> None:
    try:
        github.send(
            "POST",
            "/labels",
            {"name": LABEL, "color": "b60205", "description": "Nothing is deployed while this is open"},
        )
    except PipelineError as error:
        if error.status != _EXISTS:
            raise
