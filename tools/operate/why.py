"""Explain what failed: cause and fix, then what was said, from CloudFormation to the last log line."""

from tools import causes
from tools.log_lines import readable
from tools.operate import evidence
from tools.operate.deployed import Deployed
from tools.operate.destroy import NEVER_COMPLETE
from tools.show import console

_EVENTS_SHOWN = 5


def why(deployed: Deployed) -> int:
    """Explain the last failed deployment, or the task that died last; the exit code is 0 when none did."""
    found = evidence.gather(deployed)
    if not found.any:
        console.print(
            f"Nothing failed: {deployed.stack} is {deployed.description['StackStatus']}, its last deployment"
            " succeeded, no task died within the hour, and no alarm of a worker is on."
        )
        return 0
    if found.tasks and not found.stack and not found.deployment:
        console.print(f"The last deployment of {deployed.stack} succeeded, but a task died since.")
    if known := causes.of(found.lines()):
        console.print(f"[bold]Cause[/]  {known.cause}", f"[bold]Fix[/]    {known.fix}\n", sep="\n")
    else:
        console.print(f"[bold]Cause[/]  Not one that is known here: {_outermost(found)}\n")
    status = deployed.description["StackStatus"]
    if status in NEVER_COMPLETE:
        again = f"`make destroy ENV={deployed.environment}` clears it away; then deploy again."
        # The CDK CLI clears it away itself, unless the stack is protected.
        if deployed.local and not deployed.description.get("EnableTerminationProtection"):
            again = "`make up` clears it away, and deploys again."
        console.print(
            f"[bold]Then[/]   The stack is {status}: its first deploy failed, and no deploy can go on from"
            f" there. {again}\n"
        )
    _show("CloudFormation", found.stack)
    _show("ECS deployment", found.deployment)
    _show("Service events", found.events[-_EVENTS_SHOWN:])
    _show(f"Task {found.task}", found.tasks + found.containers)
    _show("Secrets", found.secrets)
    _show("Alarms of workers that are on", found.alarms)
    _show("Its last lines", [shown for line in found.log for shown in readable(line)])
    return 1


def _outermost(found: evidence.Evidence) -> str:
    return next(
        line for lines in (found.tasks, found.deployment, found.stack, found.alarms) for line in lines[:1]
    )


def _show(title: str, lines: list[str]) -> None:
    if lines:
        console.print(f"[bold]{title}[/]")
    for line in lines:
        console.print(f"  {line}", markup=False)
