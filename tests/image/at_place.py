"""Run the preflight command for a place, with an environment of the tests in place of the team's."""

import sys

from tests.elsewhere.examples import AZURE, GOOGLE, PORTABLE, at
from tools.preflight import __main__ as command

# What stands beside the service is the team's: here nobody pulls it.
ENVIRONMENT = PORTABLE.model_copy(update={"sidecars": (), "longest_request_s": 5})


def main() -> int:
    """Take the command's own words."""
    command.find = lambda _name: ENVIRONMENT
    places = {"google": GOOGLE, "azure": AZURE}
    command.find_place = lambda environment, kind: at(places[kind], environment)
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
