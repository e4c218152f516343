"""Comment with a review's report, from a job that has rights, after one that ran a stranger's code.

The stranger's job may have left anything: known files of limited size are read from its archive into memory,
nothing is unpacked, and nothing of it is run. Only a pull request of which GitHub says that it has the
reviewed commit gets the comment.
"""

import io
import re
import zipfile
from typing import Any

from tools.harmless import harmless, page
from tools.pipeline.comment import MOST_CHARACTERS, put
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub
from tools.pipeline.inline import acceptance, comment_at_lines

ARTIFACT = "review"
REPORT = "review.md"
NUMBER = "number"
FINDINGS = "review.json"
_MOST_BYTES = {REPORT: 500_000, NUMBER: 20, FINDINGS: 5_000_000}
# A review that could not run leaves none.
_OPTIONAL = (FINDINGS,)
_MOST_ZIP_BYTES = 3_000_000


def comment_on(github: GitHub, event: dict[str, Any]) -> str:
    """Comment on the pull request with the report of the run in the event; return what was done."""
    run = event["workflow_run"]
    if run["event"] != "pull_request":
        raise PipelineError(f"the run was started by '{run['event']}', not by a pull request")
    artifact = _artifact(github, int(run["id"]))
    if artifact is None:
        return f"{run['html_url']} left no artifact '{ARTIFACT}': there is nothing to comment."
    archive = github.download(f"/actions/artifacts/{artifact}/zip", most_bytes=_MOST_ZIP_BYTES)
    files = read(archive)
    number = files[NUMBER].strip()
    if not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        raise PipelineError(f"the artifact names no pull request: {number!r}")
    pull = github.get(f"/pulls/{number}")
    if pull["state"] != "open" or pull["head"]["sha"] != run["head_sha"]:
        return f"#{number} is closed or has newer commits than {run['head_sha']}: its next run comments."
    commit, into = run["head_sha"], pull["base"]["ref"]
    findings = files.get(FINDINGS, "")
    comment_at_lines(github, pull_request=int(number), commit=commit, report=findings)
    heading = (
        f"Review of {commit[:12]} by the pull request's own code ([run]({run['html_url']})). "
        f"Who may set labels accepts this commit for {harmless(into)}, and no other, with the label "
        f"`{acceptance(commit, into)}`.\n"
    )
    return put(
        github,
        pull_request=int(number),
        kind="review",
        text=f"{heading}\n{page(files[REPORT], most=MOST_CHARACTERS)}",
    )


def read(archive: bytes) -> dict[str, str]:
    """Return the known files of the archive; raise PipelineError if one is missing or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as folder:
            there = folder.namelist()
            return {
                name: _text(folder, name) for name in _MOST_BYTES if name not in _OPTIONAL or name in there
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise PipelineError(f"the artifact is no readable archive: {error}") from None


def _text(folder: zipfile.ZipFile, name: str) -> str:
    most = _MOST_BYTES[name]
    try:
        with folder.open(name) as file:
            # Count the bytes: the size that the archive names may be wrong on purpose.
            content = file.read(most + 1)
    except KeyError:
        raise PipelineError(f"the artifact has no file '{name}'") from None
    if len(content) > most:
        raise PipelineError(f"'{name}' in the artifact is larger than {most} bytes: it is not read")
    return content.decode(errors="replace")


def _artifact(github: GitHub, run_id: int) -> int | None:
    """Return the artifact's id; raise PipelineError where GitHub says that it is too large."""
    for artifact in github.get(f"/actions/runs/{run_id}/artifacts?name={ARTIFACT}")["artifacts"]:
        if artifact["size_in_bytes"] > _MOST_ZIP_BYTES:
            raise PipelineError(f"the artifact has {artifact['size_in_bytes']} bytes: it is not read")
        return int(artifact["id"])
    return None
