"""Write an environment for Google Cloud or Azure and print what to run; with --deploy run it.

Exit codes: 0 done, 1 refused or failed or not healthy, 2 wrong usage, 130 ended by Ctrl-C.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from infra.elsewhere import RefusedError, notes
from infra.parameters import ImageByDigest
from tools import show
from tools.elsewhere.base import changed_since
from tools.elsewhere.cost import cost
from tools.elsewhere.deploying import deploy
from tools.elsewhere.errors import ElsewhereError
from tools.elsewhere.images import images
from tools.elsewhere.outcome import outcome, tell
from tools.elsewhere.places import check_names, find_place
from tools.elsewhere.steps import page
from tools.elsewhere.written import FOLDER, written
from tools.environments import ENVIRONMENTS, UnknownEnvironmentError, find


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; every failure is a sentence."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments)
    except (UnknownEnvironmentError, ElsewhereError, RefusedError) as error:
        show.error(str(error))
        return 2 if isinstance(error, UnknownEnvironmentError) else 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    environment = find(arguments.environment)
    place = find_place(environment, arguments.place)
    check_names(environment, place, ENVIRONMENTS)
    if arguments.image:
        environment = environment.model_copy(update={"image": ImageByDigest.parse(arguments.image)})
    made = images(environment, place)
    steps = written(environment, place, made)
    if arguments.base:
        with tempfile.TemporaryDirectory(prefix="elsewhere-") as now:
            written(environment, place, made, Path(now))
            _tell_changes(arguments, Path(now))
        return 0
    for note in notes(environment, place):
        show.console.print(f"# note: {note}", markup=False)
    beside = ", workers and jobs not counted" if environment.workers or environment.jobs else ""
    show.console.print(f"# {cost(environment, place, made).line}{beside}", markup=False)
    if not arguments.deploy:
        show.console.print(
            f"# {environment.name} on {place.title}; the manifests are in {FOLDER}\n", markup=False
        )
        show.console.print(page(steps), markup=False)
        return 0
    deploy(steps, again=arguments.deploy == "again")
    return tell(outcome(environment, place), place=place)


def _tell_changes(arguments: argparse.Namespace, now: Path) -> None:
    for name, found in changed_since(arguments.base, arguments.place, arguments.environment, now).items():
        heading = "is new" if found is None else f"{len(found)} changes since {arguments.base}"
        show.console.print(f"{name}: {heading}", markup=False)
        for each in found or ():
            show.console.print(f"  {each.line}", markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.elsewhere", description=__doc__)
    parser.add_argument("place", choices=("google", "azure"))
    parser.add_argument("environment", help="name of an environment, such as prod")
    parser.add_argument(
        "--deploy",
        nargs="?",
        const="first",
        choices=("first", "again"),
        help="run the lines instead of printing them; `again` leaves out those that are to be run once",
    )
    parser.add_argument("--base", help="say what has changed since this commit, property by property")
    parser.add_argument("--image", help="REPOSITORY@DIGEST of an image that is in a registry already")
    return parser


if __name__ == "__main__":
    sys.exit(main())
