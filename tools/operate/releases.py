"""List the releases (`make releases`), and let one that has run healthy before run again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from tools.operate.deployed import Deployed, revision
from tools.operate.errors import OperateError
from tools.show import console, table

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
_AT_ONCE = 20


# What `make deploy` leaves at a task definition.
COMMIT, AUTHOR, BY = "flask-fargate:commit", "flask-fargate:author", "flask-fargate:deployed-by"
CHANGED = "+changes"  # after a commit: files differed from it


@dataclass(frozen=True, kw_only=True)
class Release:
    """A deployment of a task definition, and the digests of the images that ran then."""

    definition: str
    deployed_at: datetime
    state: str
    took_s: float | None
    digests: dict[str, str]


class Listed(TypedDict):
    """A deployment as `make releases` shows it; what was not recorded is empty."""

    revision: str
    version: str
    commit: str
    author: str
    by: str
    at: str
    state: str
    took_s: float | None
    current: bool


def releases(deployed: Deployed, *, most: int) -> int:
    """Show the service's deployments of the last 90 days, newest first."""
    current = deployed.service()["taskDefinition"]
    found = []
    for each in past(deployed, None, most=most):
        tags = tags_of(deployed, each.definition)
        found.append(
            Listed(
                revision=revision(each.definition),
                version=deployed.version(each.definition),
                commit=tags.get(COMMIT, ""),
                author=tags.get(AUTHOR, ""),
                by=tags.get(BY, ""),
                at=f"{each.deployed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                state=each.state,
                took_s=each.took_s,
                current=each.definition == current,
            )
        )
    deployed.answer = found
    rows = [
        [
            f"{'→ ' if each['current'] else '  '}{each['revision']}",
            each["version"],
            f"{each['commit'][:9] or '?'} {each['author']}".strip(),
            each["by"] or "?",
            each["at"],
            each["state"],
        ]
        for each in found
    ]
    table(
        f"Releases of {deployed.stack}, → is current",
        ["Revision", "Version", "Commit", "Deployed by", "When", "State"],
        rows,
    )
    if not all(each["commit"] for each in found):
        console.print("?: not deployed by `make deploy`, which notes it.")
    return 0


def tags_of(deployed: Deployed, definition: str) -> dict[str, str]:
    """Return the tags of a task definition."""
    answer = deployed.client("ecs").describe_task_definition(taskDefinition=definition, include=["TAGS"])
    return {tag["key"]: tag["value"] for tag in answer.get("tags", [])}


def deployments(deployed: Deployed, statuses: list[str] | None, *, service: str = "") -> list[dict[str, Any]]:
    """Return deployments of the last 90 days, in these states or in any, newest first.

    They are the web service's by default.
    """
    name, ecs = service or deployed.output("ServiceName"), deployed.client("ecs")
    wanted: dict[str, Any] = {"cluster": deployed.cluster, "service": name}
    wanted |= {"status": statuses} if statuses else {}
    found: list[dict[str, Any]] = []
    while True:  # botocore has no paginator for this listing
        page = ecs.list_service_deployments(**wanted)
        found += page["serviceDeployments"]
        if not page.get("nextToken"):
            return sorted(found, key=lambda item: item["createdAt"], reverse=True)
        wanted["nextToken"] = page["nextToken"]


def past(
    deployed: Deployed,
    statuses: Sequence[str] | None = ("SUCCESSFUL",),
    *,
    most: int | None = None,
    service: str = "",
) -> list[Release]:
    """Return releases, by default the web service's, whose deployments are in these states or in any."""
    done = deployments(deployed, list(statuses) if statuses else None, service=service)[:most]
    found = []
    for first in range(0, len(done), _AT_ONCE):
        some = done[first : first + _AT_ONCE]
        arns = list(dict.fromkeys(item["targetServiceRevisionArn"] for item in some))
        answer = deployed.client("ecs").describe_service_revisions(serviceRevisionArns=arns)
        revisions = {item["serviceRevisionArn"]: item for item in answer["serviceRevisions"]}
        found += [
            Release(
                definition=revisions[item["targetServiceRevisionArn"]]["taskDefinition"],
                deployed_at=item["createdAt"],
                state=item["status"],
                took_s=(item["finishedAt"] - item["createdAt"]).total_seconds()
                if "finishedAt" in item
                else None,
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
