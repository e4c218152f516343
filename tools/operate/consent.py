"""Let a person decide about what cannot be undone; a program gets the plan and a token for that person."""

import hashlib
import shlex
import sys
from collections.abc import Sequence

from tools.operate.deployed import Deployed
from tools.operate.errors import NeedsPersonError


def agreed(
    deployed: Deployed,
    command: str,
    plan: Sequence[str],
    *,
    question: str = "",
    word: str = "yes",
    token: str = "",
    given: Sequence[str] = (),
) -> bool:
    """Return whether a person wants what the plan says; raise NeedsPersonError where none can be asked.

    In a terminal the person types the word, or has handed back the token of this very plan; without a
    question the command itself is the answer. Nothing else counts: no option and no variable stands for a
    person, but for the pipeline (tools/pipeline/in_aws.py) and the local cloud, on which nobody depends.
    """
    expected = token_of(deployed, command, plan)
    if a_person_is_here():
        if token and token != expected:
            raise NeedsPersonError(
                f"The token {token} is for another plan: something has changed since. Run this again without"
                " one, and read what it would do now."
            )
        return bool(token) or not question or _typed(question, word)
    if deployed.local:
        return True
    back = f"make {command} ENV={deployed.environment} {shlex.join(given)}".rstrip()
    raise NeedsPersonError(
        f"Nothing was changed: no person is at a terminal here, and `{command}` needs one. Plan:"
        f" {' '.join(plan)} A person who agrees hands the token back, in a terminal:"
        f" {back} TOKEN={expected}"
    )


def a_person_is_here() -> bool:
    """Return whether this runs at a terminal."""
    return sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())


def token_of(deployed: Deployed, command: str, plan: Sequence[str]) -> str:
    """Return the token of a plan, which no other plan has."""
    identity = str(deployed.description["StackId"])
    return hashlib.sha256("\n".join([identity, command, *plan]).encode()).hexdigest()[:10]


def _typed(question: str, word: str) -> bool:
    try:
        return input(f"{question} Type {word}: ").strip() == word
    except EOFError:
        return False
