"""Define what there is to do for a deployment: lines of a shell, which are printed or run as they are."""

from dataclasses import dataclass
from typing import Literal

When = Literal["once", "review", "deploy", "first", "afterwards"]
HEADINGS: dict[When, str] = {
    "once": "Once for the environment; again does no harm",
    "review": "What a deployment would change",
    "deploy": "For each deployment, in this order",
    "first": "Once, after the first deployment; again does no harm",
    "afterwards": "Afterwards",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A few lines with one purpose; `otherwise` says what to do when they fail."""

    title: str
    lines: list[str]
    when: When = "deploy"
    otherwise: str = ""


def unless(there: str, make: str) -> str:
    """Return a line that makes a thing unless it is there."""
    return f"{there} > /dev/null 2>&1 || {make}"


def page(steps: list[Step]) -> str:
    """Return all steps as a script that a person can read, and run line by line."""
    lines: list[str] = []
    for when, heading in HEADINGS.items():
        chosen = [step for step in steps if step.when == when]
        lines += ["", f"# --- {heading}"] if chosen else []
        for step in chosen:
            lines += [f"# {step.title}", *step.lines]
    return "\n".join(lines).strip() + "\n"
