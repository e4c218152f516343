"""Deploy a fleet's members one after the other, or rehearse on paper what happens when one of them fails.

Exit codes: 0 done; 1 it went no further, with what to do; 2 wrong usage.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.parameters import Fleet
from tools.environments import UnknownEnvironmentError, find_fleet
from tools.fleet import paper
from tools.fleet.rollout import roll_out
from tools.show import console, error, table

_ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is one line."""
    parser = argparse.ArgumentParser(prog="python -m tools.fleet", description=__doc__)
    parser.add_argument("command", choices=("deploy", "rehearse"))
    parser.add_argument("fleet", help="name of a fleet of infra/environments.py")
    given, options = parser.parse_known_args(argv)
    try:
        fleet = find_fleet(given.fleet)
    except UnknownEnvironmentError as unknown:
        error(str(unknown))
        return 1
    if given.command == "rehearse":
        rehearse(fleet)
        return 0
    if any(option.startswith("--local") for option in options):
        error("The local cloud holds one environment at a time: `make deploy ENV=... LOCAL=1`.")
        return 1
    stopped = roll_out(
        [each.name for each in fleet.members],
        bake_minutes=fleet.bake_minutes,
        deploy=_operate,
        healthy=lambda member: _operate(["status", member], quiet=True) == 0,
        tell=lambda text: console.print(f"[bold]{text}[/]"),
        options=options,
    )
    if stopped:
        error(str(stopped))
        return 1
    console.print(f"All of {fleet.name} serve {fleet.domain}.")
    return 0


def rehearse(fleet: Fleet) -> None:
    """Print who answers for the fleet's name while each member fails."""
    near = [each.name for each in fleet.members]
    rows = [
        [case.fails, *case.answers.values(), f"{case.within_s} s" if case.within_s else "-"]
        for case in paper.cases(fleet)
    ]
    heading = ["Fails", *(f"Near {name}, answered by" for name in near), "At the latest after"]
    table(f"{fleet.domain}: {fleet.routing}", heading, rows)
    console.print(paper.of_the_data(fleet), highlight=False)


def _operate(words: Sequence[str], *, quiet: bool = False) -> int:
    command = [sys.executable, "-m", "tools.operate", *words]
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=_ROOT, check=False, capture_output=quiet
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
