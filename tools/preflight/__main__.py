"""Check an image before a deployment does: run it as Fargate would, and say what would fail there and why.

The task's settings (user, memory, CPU, mounts, command, containers beside it) are those of the last synth;
with --place, those of the manifest for Cloud Run or Container Apps.
Needs docker or podman; no AWS account.
Exit codes: 0 all is well, 1 faults were found, 2 the checks could not be made.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from infra.elsewhere import RefusedError
from tools import show
from tools.assembly import CDK_OUT, artifacts
from tools.elsewhere.errors import ElsewhereError
from tools.elsewhere.places import find_place
from tools.environments import UnknownEnvironmentError, find
from tools.preflight.check import Check
from tools.preflight.elsewhere import read_instance
from tools.preflight.engine import KINDS, CannotRunError, Engine
from tools.preflight.flight import Outcome, fly
from tools.preflight.sbom import write_sbom
from tools.preflight.situation import Load
from tools.preflight.task import Task, read_task

FAULTS, COULD_NOT_RUN = 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks and print them; every failure to run is one line."""
    arguments = _parser().parse_args(argv)
    # On SIGTERM too, remove the containers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcome = _checked(arguments)
        if arguments.sbom:
            with show.step("Listing what is in it"):
                write_sbom(Engine.find(arguments.engine), outcome.image, arguments.sbom)
    except (CannotRunError, UnknownEnvironmentError, ElsewhereError, RefusedError) as error:
        show.error(str(error))
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return 130
    for check in outcome.checks:
        _print(check)
    _print_numbers(outcome)
    if arguments.report:
        arguments.report.write_text(json.dumps(outcome.as_json(), indent=1) + "\n")
    return FAULTS if outcome.faults else 0


def _checked(arguments: argparse.Namespace) -> Outcome:
    if arguments.place:
        environment = find(arguments.environment)
        return _flown(arguments, read_instance(environment, find_place(environment, arguments.place)))
    if arguments.assembly == CDK_OUT:
        find(arguments.environment)
    try:
        known = artifacts(arguments.assembly)
    except SystemExit as error:  # there was no synth
        raise CannotRunError(str(error)) from None
    if arguments.environment not in known:
        raise CannotRunError(
            f"there is no environment '{arguments.environment}' in {arguments.assembly}: "
            f"choose one of {', '.join(known)}, or synthesise again"
        )
    return _flown(arguments, read_task(arguments.environment, arguments.assembly))


def _flown(arguments: argparse.Namespace, task: Task) -> Outcome:
    return fly(
        Engine.find(arguments.engine),
        task,
        image=arguments.image,
        others=dict(arguments.others),
        assembly=arguments.assembly,
        variables=dict(arguments.variables),
        network=arguments.network,
        load=Load(
            path=arguments.path,
            upload_path=arguments.upload_path or arguments.path,
            slow_path=arguments.slow_path,
            stream_path=arguments.stream_path,
        ),
    )


def _print(check: Check) -> None:
    verdict = "[green]ok   [/]" if check.ok else "[red]FAIL [/]"
    show.console.print(f"{verdict} {check.name:<20} {escape(check.found)}")
    if not check.ok:
        show.console.print(f"      [bold]fix:[/] {escape(check.fix)}")


def _print_numbers(outcome: Outcome) -> None:
    for line in outcome.numbers():
        show.console.print(f"[dim]      {escape(line)}[/]")
    passed = len(outcome.checks) - len(outcome.faults)
    faults = "no fault" if not outcome.faults else f"{len(outcome.faults)} would fail on {outcome.place}"
    show.console.print(f"{outcome.environment}: {passed} of {len(outcome.checks)} checks passed, {faults}")
    if outcome.left_out:
        show.console.print(f"      not looked at, because nobody answers: {', '.join(outcome.left_out)}")


def _pair(text: str) -> tuple[str, str]:
    name, is_pair, value = text.partition("=")
    if not is_pair or not name:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.preflight",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("image", nargs="?", default="", help="name of the image to check (default: build the synth's own)")
    add("--environment", default="dev", help="environment whose task the image is for (default: dev)")
    add(
        "--assembly",
        type=Path,
        default=CDK_OUT,
        metavar="FOLDER",
        help="folder of the synth (default: cdk.out)",
    )
    add("--place", choices=("google", "azure"), help="run it as there, by the manifest of `make google`")
    add("--engine", choices=KINDS, help="container engine (default: docker if it answers, else podman)")
    add(
        "--image",
        dest="others",
        metavar="CONTAINER=IMAGE",
        help="image of another container, such as proxy",
        type=_pair,
        action="append",
        default=[],
    )
    add(
        "--variable",
        dest="variables",
        metavar="NAME=VALUE",
        help="variable of the service, such as a secret's value",
        type=_pair,
        action="append",
        default=[],
    )
    add(
        "--network",
        default="none",
        help="network of the engine, for an app that needs a backend to start (default: none)",
    )
    add("--path", default="/", help="path that visitors ask for (default: /)")
    add("--upload-path", default="", metavar="PATH", help="path that visitors upload to (default: the same)")
    add(
        "--slow-path",
        default="",
        metavar="PATH",
        help="path whose answer takes seconds, to be in flight at SIGTERM",
    )
    add(
        "--stream-path",
        default="",
        metavar="PATH",
        help="path whose first bytes must arrive before its end, as those of an event stream",
    )
    add("--report", type=Path, metavar="FILE", help="write the result as JSON to this file")
    add("--sbom", type=Path, metavar="FILE", help="write the list of all packages in the image, as SPDX JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
