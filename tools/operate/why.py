"""Explain what failed: cause, fix, since when and what serves meanwhile, then what was said (`make why`)."""

from collections import Counter
from collections.abc import Iterator
from typing import TypedDict

from tools import causes
from tools.log_lines import readable
from tools.operate import evidence
from tools.operate.ages import age
from tools.operate.deployed import Deployed
from tools.operate.destroy import NEVER_COMPLETE
from tools.operate.masks import masked
from tools.show import console

_EVENTS_SHOWN = 5


class Why(TypedDict):
    """Hold what failed, and what is known of it; `nearest` are guesses where the cause is not known."""

    failed: bool
    name: str
    cause: str
    fix: str
    since: str
    serves: str
    nearest: list[str]
    evidence: dict[str, list[str]]


def why(deployed: Deployed) -> int:
    """Explain the last failed deployment, or the task that died last; the exit code is 0 when none did."""
    found = evidence.gather(deployed)
    known = causes.of(found.lines())
    told = deployed.answer = Why(
        failed=found.any,
        name=known.name if known else "",
        cause=known.cause if known else "",
        fix=known.fix if known else "",
        since=age(found.since) if found.since else "",
        serves=_serves(deployed) if found.any else "",
        nearest=[] if known or not found.any else [each.name for each in causes.nearest(found.lines())],
        evidence={title: lines for title, lines in _evidence(found) if lines},
    )
    if not found.any:
        console.print(
            f"Nothing failed: {deployed.stack} is {deployed.description['StackStatus']}, its last deployment"
            " succeeded, no task died within the hour, and no alarm of a worker is on."
        )
        return 0
    if known:
        console.print(f"[bold]Cause[/]  {known.cause}", f"[bold]Fix[/]    {known.fix}", sep="\n")
    else:
        console.print(f"[bold]Cause[/]  Not one that is known here: {_outermost(found)}")
    if told["since"]:
        console.print(f"[bold]Since[/]  {told['since']} ago")
    console.print(f"[bold]Serves[/] {told['serves']}")
    if found.tasks and not found.stack and not found.deployment:
        console.print(f"The last deployment of {deployed.stack} succeeded, but a task died since.")
    _tell_of_a_first_deploy(deployed)
    console.print()
    for title, lines in told["evidence"].items():
        _show(title, lines)
    if not known:
        _help_with_the_unknown(deployed, found)
    return 1


def _serves(deployed: Deployed) -> str:
    """Return which versions run meanwhile."""
    if not deployed.is_there():
        return "nobody: there is no service"
    versions = Counter(deployed.version(task["taskDefinitionArn"]) for task in deployed.tasks())
    listed = ", ".join(
        f"{version} in {count} task{'' if count == 1 else 's'}" for version, count in versions.items()
    )
    return listed or "nobody: no task runs"


def _tell_of_a_first_deploy(deployed: Deployed) -> None:
    status = deployed.description["StackStatus"]
    if status not in NEVER_COMPLETE:
        return
    again = f"`make destroy ENV={deployed.environment}` clears it away; then deploy again."
    # The CDK CLI clears it away itself, unless the stack is protected.
    if deployed.local and not deployed.description.get("EnableTerminationProtection"):
        again = "`make up` clears it away, and deploys again."
    console.print(
        f"[bold]Then[/]   The stack is {status}: its first deploy failed, and no deploy can go on from"
        f" there. {again}"
    )


def _help_with_the_unknown(deployed: Deployed, found: evidence.Evidence) -> None:
    """Print what is nearest, and one block for whoever can help."""
    if near := causes.nearest(found.lines()):
        console.print("[bold]Nearest of what is known[/]")
        for each in near:
            console.print(f"  {each.cause} {each.fix}", markup=False)
    console.print("[bold]To paste, with names and secrets masked[/]")
    status = deployed.description["StackStatus"]
    for line in (f"stack: {status}", *found.lines()):
        kind, _, said = line.partition(": ")
        console.print(f"  | {kind}: {masked(said)}", markup=False)


def _evidence(found: evidence.Evidence) -> Iterator[tuple[str, list[str]]]:
    yield "CloudFormation", found.stack
    yield "ECS deployment", found.deployment
    yield "Service events", found.events[-_EVENTS_SHOWN:]
    yield f"Task {found.task}", found.tasks + found.containers
    yield "Secrets", found.secrets
    yield "Alarms of workers that are on", found.alarms
    yield "Its last lines", [shown for line in found.log for shown in readable(line)]


def _outermost(found: evidence.Evidence) -> str:
    return next(
        line for lines in (found.tasks, found.deployment, found.stack, found.alarms) for line in lines[:1]
    )


def _show(title: str, lines: list[str]) -> None:
    console.print(f"[bold]{title}[/]")
    for line in lines:
        console.print(f"  {line}", markup=False)
