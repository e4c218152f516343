"""Run the steps of the workflows that are too much for YAML, one command for each.

Exit codes: 0 done, 1 no (frozen, not removed, refused), 2 wrong usage or no answer.
frozen, freeze, comment, review-comment and tell-drift need nothing but Python.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.harmless import page
from tools.pipeline import comment, drift, freeze, review_comment
from tools.pipeline.errors import PipelineError
from tools.pipeline.github import GitHub

_Arguments = argparse.Namespace


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure is one line."""
    arguments = _parser().parse_args(argv)
    run: Callable[[_Arguments], int] = arguments.run
    try:
        return run(arguments)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _frozen(_: _Arguments) -> int:
    found = freeze.locks(GitHub.of_this_run())
    if found:
        print(freeze.why_frozen(found), file=sys.stderr)
        return 1
    print("The pipeline is open.")
    return 0


def _freeze(given: _Arguments) -> int:
    github = GitHub.of_this_run()
    url = freeze.freeze(
        github,
        environment=given.environment,
        commit=os.environ.get("GITHUB_SHA", "?"),
        run_url=_run_url(),
        outcome=given.outcome,
    )
    print(f"Frozen: {url}")
    return 0


def _comment(given: _Arguments) -> int:
    text = page(given.text, most=comment.MOST_CHARACTERS)
    print(comment.put(GitHub.of_this_run(), pull_request=given.pull_request, kind=given.kind, text=text))
    return 0


def _review_comment(_: _Arguments) -> int:
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())
    print(review_comment.comment_on(GitHub.of_this_run(), event))
    return 0


def _drift(given: _Arguments) -> int:
    found = drift.look(given.environment)
    drift.save(found, given.folder)
    print(f"{found.text}\n\n{found.environment}: {found.state}")
    return 0


def _tell_drift(given: _Arguments) -> int:
    print(drift.tell(GitHub.of_this_run(), drift.load(given.folder), run_url=_run_url()))
    return 0


def _run_url() -> str:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.pipeline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, help: str, run: Callable[[_Arguments], int]) -> argparse.ArgumentParser:  # noqa: A002 (argparse's word)
        added = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        added.set_defaults(run=run)
        return added

    command("frozen", "end with 1 while an issue freezes the pipeline", _frozen)
    added = command("freeze", "open the issue that freezes the pipeline", _freeze)
    added.add_argument("environment")
    added.add_argument("--outcome", required=True, help="sentence that says how the deployment ended")
    added = command("comment", "write a pull request's sticky comment", _comment)
    added.add_argument("pull_request", type=int, metavar="NUMBER")
    added.add_argument(
        "--kind", required=True, help="kind of the comment: comments of one kind replace each other"
    )
    added.add_argument("--text", required=True)
    command("review-comment", "put the report of a review on its pull request", _review_comment)
    added = command("drift", "look for drift in one environment", _drift)
    added.add_argument("environment")
    added.add_argument("folder", type=Path, help="folder to write what was found to")
    added = command("tell-drift", "open, renew or close the issue about drift", _tell_drift)
    added.add_argument("folder", type=Path, help="folder that `drift` wrote to for all environments")
    _add_aws(command)
    return parser


def _add_aws(command: Callable[[str, str, Callable[[_Arguments], int]], argparse.ArgumentParser]) -> None:
    # Only these commands need `make setup`; the others run in jobs with write rights, without packages.
    def later(name: str) -> Callable[[_Arguments], int]:
        def run(given: _Arguments) -> int:
            from tools.pipeline import in_aws  # noqa: PLC0415 (as said above)

            done: int = getattr(in_aws, name)(given)
            return done

        return run

    added = command(
        "settings", "print the variable PIPELINE from the outputs of the stacks", later("settings")
    )
    added.add_argument(
        "outputs", type=Path, nargs="+", help="files that `cdk deploy Pipeline --outputs-file` wrote"
    )
    command("image", "print how the image is built, as outputs of a step", later("image"))
    added = command("change-set", "show a prepared change set, and print its outputs", later("change_set"))
    added.add_argument("environment")
    added.add_argument("name", help="name of the change set")
    added.add_argument("--image", required=True, help="image that the change set deploys")
    added.add_argument("--summary", type=Path, required=True, help="file to add the Markdown to")
    added.add_argument("--data", action="store_true", help="take Data-ENVIRONMENT's; refuse to lose data")
    added = command("url", "print where an environment answers", later("url"))
    added.add_argument("environment")
    added = command(
        "roll-back", "bring back the release before, in a job of the pipeline", later("roll_back")
    )
    added.add_argument("environment")
    added = command(
        "sweep", "remove previews that are expired or whose pull request is closed", later("sweep")
    )
    added.add_argument("--pull-request", type=int, metavar="NUMBER", help="remove only this one, open or not")


if __name__ == "__main__":
    sys.exit(main())
