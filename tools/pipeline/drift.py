"""Report the drift of all environments, found every night, in one issue."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from tools.harmless import block
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub

LABEL = "drift"
_TITLE = "What is deployed is not what the templates say"
_CDK = Path(__file__).resolve().parents[2] / "node_modules" / ".bin" / "cdk"
# The CLI ends with 1 for drift and for errors: only its output tells them apart.
_DRIFTED = re.compile(r"Number of resources with drift: [1-9]")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_MOST_CHARACTERS = 15_000

State = Literal["as described", "drifted", "not known"]


class Found(NamedTuple):
    """The CDK CLI's words about one environment, and the state that they mean."""

    environment: str
    state: State
    text: str


def look(environment: str, arguments: Sequence[str] = ()) -> Found:
    """Ask the CLI, with the AWS credentials of this process."""
    # A pattern: the CLI refuses a name without a stack, and not every environment has one for its data.
    stacks = f"{{Web,Data}}-{environment}"
    command = [str(_CDK), "drift", stacks, "--fail", "--no-notices", "--no-color", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 (our own CLI)
    return judged(environment, done.returncode, f"{done.stdout}\n{done.stderr}")


def judged(environment: str, code: int, text: str) -> Found:
    """Return what the CLI's exit code and words mean."""
    text = _COLOUR.sub("", text).strip()
    state: State = "as described" if code == 0 else "drifted" if _DRIFTED.search(text) else "not known"
    return Found(environment, state, text)


def save(found: Found, folder: Path) -> None:
    """Write what was found to a file for the job that may write issues."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"drift-{found.environment}.json").write_text(json.dumps(found._asdict()))


def load(folder: Path) -> list[Found]:
    """Return what was found in all environments; raise PipelineError if there is no file."""
    found = [Found(**json.loads(path.read_text())) for path in sorted(folder.rglob("drift-*.json"))]
    if not found:
        raise PipelineError(f"there is no drift-*.json in {folder}: no environment was looked at")
    return found


def tell(github: GitHub, found: Sequence[Found], *, run_url: str) -> str:
    """Open, update or close the issue about drift; return what was done."""
    wrong = [each for each in found if each.state != "as described"]
    issues = [each for each in github.listed(f"/issues?state=open&labels={LABEL}") if _is_ours(each)]
    if not wrong:
        for issue in issues:
            github.send("POST", f"/issues/{issue['number']}/comments", {"body": f"Gone since {run_url}."})
            github.send("PATCH", f"/issues/{issue['number']}", {"state": "closed"})
        return "Everything is as described."
    body = {"title": _TITLE, "body": text_of(found, run_url=run_url), "labels": [LABEL]}
    if issues:
        return str(github.send("PATCH", f"/issues/{issues[0]['number']}", body)["html_url"])
    return str(github.send("POST", "/issues", body)["html_url"])


def text_of(found: Sequence[Found], *, run_url: str) -> str:
    """Return the body of the issue."""
    lines = [
        f"Seen last in {run_url}. Somebody, or something the templates do not know, has changed these.",
        "",
        "| environment | is |",
        "|---|---|",
        *(f"| {each.environment} | {each.state} |" for each in found),
    ]
    for each in found:
        if each.state != "as described":
            lines += ["", f"### {each.environment}", "", block(each.text[:_MOST_CHARACTERS])]
    lines += [
        "",
        "Put it into the code, or take it back with `npx cdk deploy STACK --exclusively --revert-drift`.",
        "This issue is brought up to date every night, and closed when nothing differs.",
    ]
    return "\n".join(lines)


def _is_ours(issue: dict[str, object]) -> bool:
    return issue["title"] == _TITLE and "pull_request" not in issue
