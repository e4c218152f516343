"""Read the team's environments, for every command; a mistake in their file ends the command with one line."""

import re
from collections.abc import Mapping, Sequence

from infra.mistakes import end_with_a_sentence
from infra.parameters import Environment, Fleet, Place

with end_with_a_sentence():
    from infra import environments as team

ENVIRONMENTS, preview = team.ENVIRONMENTS, team.preview
# The file of a team that began with an earlier version has neither.
FLEETS: Sequence[Fleet] = getattr(team, "FLEETS", ())
ELSEWHERE: Mapping[str, Place | tuple[Place, ...]] = getattr(team, "ELSEWHERE", {})

__all__ = ["ELSEWHERE", "ENVIRONMENTS", "FLEETS", "UnknownEnvironmentError", "find", "find_fleet", "preview"]


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


def find_fleet(name: str) -> Fleet:
    """Return the fleet of this name. Raises UnknownEnvironmentError, which lists the names."""
    for fleet in FLEETS:
        if fleet.name == name:
            return fleet
    names = ", ".join(fleet.name for fleet in FLEETS) or "none: FLEETS in infra/environments.py is empty"
    raise UnknownEnvironmentError(f"there is no fleet '{name}': there is {names}")
