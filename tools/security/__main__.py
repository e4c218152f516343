"""Check the templates of the last synth against Security Hub's controls, less what is accepted."""

import argparse
import sys

from infra.accepted import ACCEPTED
from tools.accepted import of_the_kit, told
from tools.security.evaluation import errors, evaluate
from tools.security.stack import stacks


def main() -> None:
    """Print what is accepted, with its reason, and what is wrong; exit with 1 where something is wrong."""
    argparse.ArgumentParser(prog="python -m tools.security", description=__doc__).parse_args()
    made = stacks()
    verdicts = evaluate(made, accepted=[*of_the_kit(each.environment for each in made), *ACCEPTED])
    reasons = (
        (verdict.control.id, verdict.environment, finding.resource, reason)
        for verdict in verdicts
        for finding, reason in verdict.accepted
    )
    for line in told(reasons):
        print(line)
    if wrong := list(errors(made, verdicts, ACCEPTED)):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
