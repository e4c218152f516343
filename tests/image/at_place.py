"""Run the preflight command for a place, with an environment of the tests in place of the team's."""

import sys
from unittest.mock import patch

from infra.parameters import Environment, Place
from tests.elsewhere.examples import AZURE, GOOGLE, PORTABLE, at
from tools.preflight import __main__ as command

# What stands beside the service is the team's: here nobody pulls it.
ENVIRONMENT = PORTABLE.model_copy(update={"sidecars": (), "longest_request_s": 5})


def place(environment: Environment, kind: str) -> Place:
    """Return the tests' place of this kind."""
    return at(GOOGLE if kind == "google" else AZURE, environment)


if __name__ == "__main__":
    with patch.object(command, "find", lambda _name: ENVIRONMENT), patch.object(command, "find_place", place):
        sys.exit(command.main())
