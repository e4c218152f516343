"""Find the releases that have run healthy before, and make one of them run again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tools.operate.deployed import Deployed, revision
from tools.operate.errors import OperateError

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True)
class Release:
    """A task definition that was deployed successfully, and the digests of the images that ran then."""

    definition: str
    deployed_at: datetime
    digests: dict[str, str]


def deployments(deployed: Deployed, statuses: list[str], *, service: str = "") -> list[dict[str, Any]]:
    """Return deployments of the last 90 days in these states, newest first; by default of the web service."""
    name, ecs = service or deployed.output("ServiceName"), deployed.client("ecs")
    wanted: dict[str, Any] = {"cluster": deployed.cluster, "service": name, "status": statuses}
    found: list[dict[str, Any]] = []
    while True:  # botocore has no paginator for this listing
        page = ecs.list_service_deployments(**wanted)
        found += page["serviceDeployments"]
        if not page.get("nextToken"):
            return sorted(found, key=lambda item: item["createdAt"], reverse=True)
        wanted["nextToken"] = page["nextToken"]


def past(deployed: Deployed, *, service: str = "") -> list[Release]:
    """Return what a service has run healthy, newest first; by default the web service."""
    done = deployments(deployed, ["SUCCESSFUL"], service=service)
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


def choose(releases: list[Release], current: str, to: str) -> Release:
    """Return the newest release but the current, or the one asked for; raises OperateError without any."""
    others = [item for item in releases if item.definition != current]
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


def usable(deployed: Deployed, release: Release) -> str:
    """Return the task definition to run; register a copy if CloudFormation has retired it, as ECS refuses it.

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
