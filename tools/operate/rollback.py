"""`make rollback`: back to the release before, as it ran; or stop the deployment that is under way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.operate import rollout
from tools.operate.deployed import Deployed, revision
from tools.operate.errors import OperateError
from tools.operate.status import age
from tools.operate.waiting import confirm
from tools.show import console, error

_UNDER_WAY = ["PENDING", "IN_PROGRESS"]
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class Release:
    """A task definition that a deployment brought to the end, and the digests of what ran then."""

    definition: str
    deployed_at: datetime
    digests: dict[str, str]


def rollback(deployed: Deployed, *, to: str, sure: bool) -> int:
    """Go back and wait; the exit code is 0 when the other release serves."""
    under_way = _deployments(deployed, _UNDER_WAY)
    if under_way and not to:
        return _stop(deployed, under_way[0], sure=sure)
    stack = deployed.description["StackStatus"]
    if stack.endswith("_IN_PROGRESS"):
        raise OperateError(
            f"CloudFormation is at work on {deployed.stack} ({stack}), and would undo this. Wait until it"
            " ends"
            f" (`make status ENV={deployed.environment}`), then try again."
        )
    service = deployed.service()
    current = service["taskDefinition"]
    chosen = _choose(_past(deployed), current, to)
    console.print(f"From {_named(deployed, current)}")
    console.print(f"to   {_named(deployed, chosen.definition)}, deployed {age(chosen.deployed_at)} ago")
    if not confirm(f"Roll {deployed.stack} back?", sure=sure):
        console.print("Nothing was changed.")
        return 1
    deployed.client("ecs").update_service(
        cluster=deployed.cluster,
        service=service["serviceName"],
        taskDefinition=_usable(deployed, chosen),
    )
    reached = _watched(deployed, current)
    if reached:
        console.print(
            f"CloudFormation does not know: it still holds {revision(current)}. Deploying the same commit"
            " again"
            " changes nothing; the next commit brings the bad release back unless it is reverted there."
            " Stop the"
            " pipeline until then."
        )
    return 0 if reached else 1


def _stop(deployed: Deployed, under_way: dict[str, Any], *, sure: bool) -> int:
    current = deployed.service()["taskDefinition"]
    console.print(
        f"A deployment of {_named(deployed, current)} is under way, begun {age(under_way['createdAt'])} ago."
    )
    if not confirm("Stop it, and go back to the last that succeeded?", sure=sure):
        console.print("Nothing was changed.")
        return 1
    deployed.client("ecs").stop_service_deployment(
        serviceDeploymentArn=under_way["serviceDeploymentArn"], stopType="ROLLBACK"
    )
    reached = _watched(deployed, current)
    if reached:
        console.print("If `cdk deploy` began it, CloudFormation now rolls the stack back by itself.")
    return 0 if reached else 1


def _watched(deployed: Deployed, current: str) -> bool:
    try:
        reached = rollout.watch(deployed, away_from=current)
    except KeyboardInterrupt:
        error(f"Nobody watches any more, but ECS goes on: `make status ENV={deployed.environment}`.")
        raise
    if reached:
        now = deployed.service()["taskDefinition"]
        console.print(f"[green]✓[/] {_named(deployed, now)} serves.")
    else:
        error(f"It did not work. `make why ENV={deployed.environment}` says why.")
    return reached


def _deployments(deployed: Deployed, statuses: list[str]) -> list[dict[str, Any]]:
    """Return the service's deployments of the last 90 days in these states, newest first."""
    name, ecs = deployed.output("ServiceName"), deployed.client("ecs")
    wanted: dict[str, Any] = {"cluster": deployed.cluster, "service": name, "status": statuses}
    found: list[dict[str, Any]] = []
    while True:  # the one listing of ECS without a paginator in botocore
        page = ecs.list_service_deployments(**wanted)
        found += page["serviceDeployments"]
        if not page.get("nextToken"):
            return sorted(found, key=lambda item: item["createdAt"], reverse=True)
        wanted["nextToken"] = page["nextToken"]


def _past(deployed: Deployed) -> list[Release]:
    """Return what has run healthy, newest first."""
    done = _deployments(deployed, ["SUCCESSFUL"])
    found = []
    for first in range(0, len(done), _AT_ONCE):
        some = done[first : first + _AT_ONCE]
        arns = [item["targetServiceRevisionArn"] for item in some]
        answer = deployed.client("ecs").describe_service_revisions(serviceRevisionArns=arns)
        revisions = {item["serviceRevisionArn"]: item for item in answer["serviceRevisions"]}
        found += [
            Release(
                definition=revisions[item["targetServiceRevisionArn"]]["taskDefinition"],
                deployed_at=item["createdAt"],
                digests={
                    image["containerName"]: image["imageDigest"]
                    for image in revisions[item["targetServiceRevisionArn"]].get("containerImages", [])
                    if image.get("imageDigest")
                },
            )
            for item in some
            if item["targetServiceRevisionArn"] in revisions
        ]
    return found


def _choose(past: list[Release], current: str, to: str) -> Release:
    others = [item for item in past if item.definition != current]
    for item in others:
        if not to or to in {revision(item.definition), revision(item.definition).rpartition(":")[2]}:
            return item
    names = ", ".join(dict.fromkeys(revision(item.definition) for item in others))
    if not names:
        raise OperateError(
            f"Nothing but {revision(current)} has run healthy in the last 90 days: there is no release to go"
            " back to. Fix it forward, or put up the maintenance page."
        )
    raise OperateError(f"'{to}' has not run healthy in the last 90 days: choose one of {names}.")


def _named(deployed: Deployed, definition: str) -> str:
    return f"{revision(definition)} (version {deployed.version(definition)})"


def _usable(deployed: Deployed, release: Release) -> str:
    """Return the task definition to run: a copy where CloudFormation has retired it, which ECS refuses.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
    """
    answer = deployed.client("ecs").describe_task_definition(
        taskDefinition=release.definition, include=["TAGS"]
    )
    old = answer["taskDefinition"]
    if old["status"] == "ACTIVE":
        return release.definition
    ecs = deployed.client("ecs")
    accepted = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    copy = {key: old[key] for key in accepted if old.get(key)}
    copy["containerDefinitions"] = [_pinned(item, release.digests) for item in old["containerDefinitions"]]
    if tags := [tag for tag in answer.get("tags", []) if not tag["key"].startswith("aws:")]:
        copy["tags"] = tags
    return str(ecs.register_task_definition(**copy)["taskDefinition"]["taskDefinitionArn"])


def _pinned(container: dict[str, Any], digests: dict[str, str]) -> dict[str, Any]:
    """Name the image by the digest that ran: a tag may have moved since."""
    digest = digests.get(container["name"])
    if not digest or "@" in container["image"]:
        return container
    head, slash, name = container["image"].rpartition("/")
    return {**container, "image": f"{head}{slash}{name.partition(':')[0]}@{digest}"}
