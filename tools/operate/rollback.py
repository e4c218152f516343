"""Go back to the release before, or stop the deployment under way (`make rollback`)."""

from collections.abc import Callable, Iterator
from typing import Any, TypedDict

from tools.operate import releases, rollout, undone, workers
from tools.operate.ages import age
from tools.operate.consent import agreed
from tools.operate.deployed import Deployed, revision
from tools.operate.errors import OperateError
from tools.operate.status import primary
from tools.show import console, error

_UNDER_WAY = ["PENDING", "IN_PROGRESS"]


class Rolled(TypedDict):
    """Hold what `make rollback` did, or would do; `undone` is empty where a deployment was stopped."""

    current: str
    wanted: str
    undone: undone.Undone | None
    serves: bool


def rollback(deployed: Deployed, *, to: str, token: str = "", sure: bool = False) -> int:
    """Say what that undoes, go back and wait; the exit code is 0 when the other release serves."""
    under_way = releases.deployments(deployed, _UNDER_WAY)
    if under_way and not to:
        return _stop(deployed, under_way[0], token=token, sure=sure)
    stack = deployed.description["StackStatus"]
    if stack.endswith("_IN_PROGRESS"):
        raise OperateError(
            f"CloudFormation is at work on {deployed.stack} ({stack}), and would undo this. Wait until it"
            f" ends (`make status ENV={deployed.environment}`), then try again."
        )
    service = deployed.service()
    current = service["taskDefinition"]
    chosen = releases.choose(releases.past(deployed), current, to)
    loses = undone.undone(deployed, current, chosen.definition)
    named, wanted = _named(deployed, current), _named(deployed, chosen.definition)
    console.print(f"From {named}")
    console.print(f"to   {wanted}, deployed {age(chosen.deployed_at)} ago")
    for line in undone.lines(loses):
        console.print(line, markup=False)
    beside = dict(_workers(deployed, deployed.version(chosen.definition)))
    deployed.answer = Rolled(current=named, wanted=wanted, undone=loses, serves=False)
    plan = [f"{deployed.stack} goes from {named} to {wanted}.", *undone.lines(loses)]
    given = [f"ARGS=--to {to}"] if to else []
    question = f"Roll {deployed.stack} back?"
    if not sure and not agreed(deployed, "rollback", plan, question=question, token=token, given=given):
        console.print("Nothing was changed.")
        return 1
    for name, release in beside.items():
        deployed.client("ecs").update_service(
            cluster=deployed.cluster, service=name, taskDefinition=releases.usable(deployed, release)
        )
    arn = releases.usable(deployed, chosen)
    deployed.client("ecs").update_service(
        cluster=deployed.cluster, service=service["serviceName"], taskDefinition=arn
    )
    reached = _watched(deployed, lambda primary: primary["taskDefinition"] == arn)
    if reached:
        console.print(
            f"CloudFormation does not know: it still holds {revision(current)}. Deploying the same commit"
            " again changes nothing; the next commit brings the bad release back unless it is reverted"
            " there. Stop the pipeline until then."
        )
    deployed.answer["serves"] = reached
    return 0 if reached else 1


def _workers(deployed: Deployed, version: str) -> Iterator[tuple[str, releases.Release]]:
    """Yield the workers that run another version, with their release of this one; say who stays."""
    for service in deployed.others():
        current, name = service["taskDefinition"], workers.name_of(deployed, service)
        if deployed.version(current) == version:
            continue
        found = (
            each
            for each in releases.past(deployed, service=service["serviceName"])
            if deployed.version(each.definition) == version
        )
        if release := next(found, None):
            console.print(
                f"     {name} {revision(release.definition)}, from {revision(current)}", markup=False
            )
            yield service["serviceName"], release
        else:
            error(
                f"{name} stays at {revision(current)}: it has not run version {version} in the last 90 days."
            )


def _stop(deployed: Deployed, under_way: dict[str, Any], *, token: str, sure: bool) -> int:
    stopped = primary(deployed.service())
    named = _named(deployed, stopped["taskDefinition"])
    console.print(f"A deployment of {named} is under way, begun {age(under_way['createdAt'])} ago.")
    deployed.answer = Rolled(current=named, wanted="the last that succeeded", undone=None, serves=False)
    plan = [
        f"The deployment of {named} to {deployed.stack} is stopped; the last that succeeded serves again."
    ]
    question = "Stop it, and go back to the last that succeeded?"
    if not sure and not agreed(deployed, "rollback", plan, question=question, token=token):
        console.print("Nothing was changed.")
        return 1
    deployed.client("ecs").stop_service_deployment(
        serviceDeploymentArn=under_way["serviceDeploymentArn"], stopType="ROLLBACK"
    )
    # Compare ids: the stopped deployment may have had the same task definition as the one before.
    reached = _watched(deployed, lambda primary: primary["id"] != stopped["id"])
    if reached:
        console.print("If `cdk deploy` began it, CloudFormation now rolls the stack back by itself.")
    deployed.answer["serves"] = reached
    return 0 if reached else 1


def _watched(deployed: Deployed, is_wanted: Callable[[dict[str, Any]], bool]) -> bool:
    try:
        reached = rollout.watch(deployed, is_wanted)
    except KeyboardInterrupt:
        error(f"Nobody watches any more, but ECS goes on: `make status ENV={deployed.environment}`.")
        raise
    if reached:
        now = deployed.service()["taskDefinition"]
        console.print(f"[green]✓[/] {_named(deployed, now)} serves.")
    else:
        error(f"It did not work. `make why ENV={deployed.environment}` says why.")
    return reached


def _named(deployed: Deployed, definition: str) -> str:
    return f"{revision(definition)} (version {deployed.version(definition)})"
