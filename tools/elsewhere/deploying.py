"""Run the steps of a deployment with the user's own programs, and say how it ended."""

import shutil
import subprocess

from tools.elsewhere.errors import ElsewhereError
from tools.elsewhere.steps import Step
from tools.show import step

_PROGRAMS = {
    "gcloud": "https://docs.cloud.google.com/sdk/docs/install",
    "az": "https://learn.microsoft.com/en-us/cli/azure/install-azure-cli",
    "docker": "https://docs.docker.com/engine/install",
}
_SHOWN = 3


def check_programs(steps: list[Step]) -> None:
    """Raise ElsewhereError unless every program that a step needs is installed."""
    words = {word for each in steps for line in each.lines for word in line.replace("$(", " ").split()}
    for program, page in _PROGRAMS.items():
        if program in words and not shutil.which(program):
            raise ElsewhereError(
                f"{program} is not installed, and DEPLOY=1 runs it: install it ({page}), or run the printed "
                "lines where it is"
            )


def deploy(steps: list[Step], *, again: bool = False) -> None:
    """Run what is to do once, and for each deployment; raises ElsewhereError for the first that fails.

    `again` leaves out what is to do once: whoever deploys again needs no right to grant rights.
    """
    kinds = ("deploy",) if again else ("once", "deploy", "first")
    chosen = [each for when in kinds for each in steps if each.when == when]
    check_programs(chosen)
    for each in chosen:
        with step(each.title):
            for line in each.lines:
                _run(line, each)


def output(line: str) -> str:
    """Return what a line prints; raises ElsewhereError if it fails."""
    return _run(line, None)


def _run(line: str, of: Step | None) -> str:
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode == 0:
        return done.stdout
    said = [text for text in (done.stderr or done.stdout).strip().splitlines() if text.strip()]
    advice = f"\n{of.otherwise}" if of and of.otherwise else ""
    raise ElsewhereError(
        f"this failed ({done.returncode}): {line}\n"
        + "\n".join(f"  {text}" for text in said[-_SHOWN:])
        + advice
    )
