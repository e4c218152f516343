"""Read the team's environments, for every command; a mistake in their file ends the command with one line."""

import re

from infra.mistakes import end_with_a_sentence
from infra.parameters import Environment

with end_with_a_sentence():
    from infra.environments import ENVIRONMENTS, preview

__all__ = ["ENVIRONMENTS", "UnknownEnvironmentError", "find", "preview"]


class UnknownEnvironmentError(LookupError):
    """A name that no environment has."""


def find(name: str) -> Environment:
    """Return the environment of this name, `pr-7` for a preview.

    Raises UnknownEnvironmentError, which lists the names.
    """
    for environment in ENVIRONMENTS:
        if environment.name == name:
            return environment
    if of_pull_request := re.fullmatch(r"pr-([1-9]\d*)", name):
        with end_with_a_sentence():
            return preview(int(of_pull_request[1]))
    names = ", ".join(environment.name for environment in ENVIRONMENTS)
    raise UnknownEnvironmentError(f"there is no environment '{name}': choose one of {names}, or pr-NUMBER")
