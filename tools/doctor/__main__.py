"""Ask whether an environment can be deployed for the first time: one line for each thing, with its fix.

It only looks. Without credentials or network it says what it could not ask. Exit codes: 0 all is well,
1 something is not or could not be asked, 2 wrong usage, 130 ended by Ctrl-C.
"""

import argparse
import sys
from collections.abc import Sequence

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from tools import show
from tools.doctor.check import Answer, Check, Situation, not_asked
from tools.doctor.checks import CHECKS
from tools.environments import ENVIRONMENTS, UnknownEnvironmentError, find
from tools.operate.deployed import Deployed
from tools.operate.errors import in_one_line
from tools.show import console


def main(argv: Sequence[str] | None = None) -> int:
    """Ask about the environment of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.doctor",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("environment", help="name of the environment, such as dev or prod")
    try:
        environment = find(parser.parse_args(argv).environment)
    except UnknownEnvironmentError as error:
        show.error(str(error))
        return 2
    deployed = Deployed(environment.name, Session(region_name=environment.region))
    try:
        return examine(Situation(environment, ENVIRONMENTS, deployed))
    except KeyboardInterrupt:
        return 130


def examine(situation: Situation, checks: Sequence[Check] = CHECKS) -> int:
    """Print the answer of each check that applies; the exit code is 0 where all is well."""
    answers: dict[str, Answer] = {}
    for check in checks:
        if not check.applies(situation.environment):
            continue
        foreign = "credentials" in answers and answers["credentials"].well is False
        if foreign and check.asks_aws:
            answer = not_asked("the credentials are for another account")
        else:
            answer = answered(check, situation)
        answers[check.name] = answer
        sign = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]?[/]"}[answer.well]
        console.print(f"{sign} {check.name}: ", end="")
        console.print(answer.says, markup=False)
        if answer.well is False:
            fix = check.filled(situation.environment, situation.environment.account or "ACCOUNT")
            console.print(f"    {fix}", markup=False)
    counts = {kind: sum(each.well is kind for each in answers.values()) for kind in (True, False, None)}
    console.print(f"{counts[True]} well, {counts[False]} to do, {counts[None]} could not be asked")
    if counts[None]:
        console.print("To ask AWS, log in (`aws sso login`) or set AWS_PROFILE, and run this again.")
    return 0 if counts[True] == len(answers) else 1


def answered(check: Check, situation: Situation) -> Answer:
    """Return the answer of a check, or why nobody could be asked."""
    try:
        return check.ask(situation)
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        # The rest of the sentence is about other commands.
        return not_asked(in_one_line(error).partition(". ")[0])


if __name__ == "__main__":
    sys.exit(main())
