"""Gather what AWS still knows of a failed deployment, from the outermost message to the innermost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tools.environments import find
from tools.operate.deployed import Deployed, short
from tools.operate.errors import NotDeployedError
from tools.operate.logs import died, last_lines, last_words
from tools.operate.status import alarms_on
from tools.secrets import Store, StoreError, place_of

_LOG_LINES = 25
_STARTS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
_FAILED = {"STOPPED", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"}
_FAILED |= {"ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
# Alarms of workers, which no deployment rolls back (infra/monitoring/alarms.py).
_OF_WORKERS = ("NobodyWorks", "DeadLetters", "OldestMessage")
# These follow from another resource's failure and explain nothing.
_CANCELLED = ("Resource creation cancelled", "Resource update cancelled")
_TROUBLE = ("unhealthy", "unable", "failed", "error", "exited", "circuit")


@dataclass
class Evidence:
    """The messages about a failed deployment as lines, by their source; empty where AWS knows nothing."""

    stack: list[str] = field(default_factory=list)
    deployment: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    containers: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    task: str = ""
    since: datetime | None = None

    @property
    def any(self) -> bool:
        """Return whether something failed at all."""
        return bool(self.stack or self.deployment or self.tasks or self.alarms)

    def lines(self) -> Iterator[str]:
        """Yield every line with where it comes from, as signatures expect it."""
        for kind, lines in (
            ("stack", self.stack),
            ("deployment", self.deployment),
            ("event", self.events),
            ("task", self.tasks),
            ("container", self.containers),
            ("log", self.log),
            ("secret", self.secrets),
            ("alarm", self.alarms),
        ):
            yield from (f"{kind}: {line}" for line in lines)


def gather(deployed: Deployed) -> Evidence:
    """Ask CloudFormation, ECS and the logs for messages; a service that no longer exists is no error."""
    found = Evidence()
    _stack(deployed, found)
    _release_command(found)
    if not deployed.is_there():
        return _after_the_rollback(deployed, found)
    _service(deployed, deployed.service(), found)
    if not (found.deployment or found.tasks):
        for other in deployed.others():
            _service(deployed, other, found)
            if found.deployment or found.tasks:
                break
    found.alarms = [
        f"{name}: {description}"
        for name, _, description in alarms_on(deployed)
        if any(word in name for word in _OF_WORKERS)
    ]
    return found


def _release_command(found: Evidence) -> None:
    """Move what the release command said from CloudFormation's message to the lines of a log."""
    for number, line in enumerate(found.stack):
        head, _, said = line.partition("\n")
        if said and "The release command " in head:
            found.stack[number] = head
            found.task = "of the release command"
            found.log = said.splitlines()
        elif "The release command could not start: " in head:
            found.tasks.append(f"TaskFailedToStart: {head.partition(' could not start: ')[2]}")


def _after_the_rollback(deployed: Deployed, found: Evidence) -> Evidence:
    """Note what is still known of a first deployment whose service and cluster are gone again."""
    if not found.stack or found.log:
        return found
    if kept := deployed.last_words:
        found.task = short(kept["task"])
        found.events, found.tasks = kept["events"], [f"{kept['stop_code']}: {kept['stopped_reason']}"]
        found.containers, found.log = kept["containers"], kept["log"]
        return found
    found.secrets = list(_secrets(deployed))
    try:
        task, found.log = last_words(deployed, _LOG_LINES)
    except NotDeployedError:
        return found
    found.task = short(task)
    return found


def _secrets(deployed: Deployed) -> Iterator[str]:
    """Yield each secret that the environment declares and that tasks cannot read: ECS no longer tells."""
    store = Store(deployed.client)
    for name, choice in find(deployed.environment).secrets.items():
        place = place_of(choice)
        try:
            if place and not store.has(place):
                yield f"{name} has no value: there is no {place}"
        except StoreError as error:
            yield f"{name}: {error}"
        except ClientError:
            continue  # who asks may not see it, which says nothing about the tasks


def _service(deployed: Deployed, service: dict[str, Any], found: Evidence) -> None:
    since = _deployment(deployed, service, found)
    if since and found.deployment:
        found.events = _events(service, since)
    _task(deployed, service["serviceName"], since, found)


def _stack(deployed: Deployed, found: Evidence) -> None:
    """Note what failed in the stack's last operation, the root of it first."""
    status = deployed.description["StackStatus"]
    if "FAILED" not in status and "ROLLBACK" not in status:
        return
    failed: list[str] = []
    events = deployed.pages(
        "cloudformation", "describe_stack_events", "StackEvents", StackName=deployed.stack
    )
    for event in events:
        of_stack = event.get("PhysicalResourceId") == event["StackId"]
        if of_stack and event["ResourceStatus"] in _STARTS:
            break
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and not reason.startswith(_CANCELLED):
            name, kind = event["LogicalResourceId"], event["ResourceType"]
            failed.append(f"{name} ({kind}) {event['ResourceStatus']}: {reason}")
            found.since = event["Timestamp"]
    found.stack = failed[::-1] or [f"{deployed.stack} is {status}"]


def _deployment(deployed: Deployed, service: dict[str, Any], found: Evidence) -> datetime | None:
    """Note how the service's last deployment failed, if it did; return when it began."""
    ecs = deployed.client("ecs")
    listed = ecs.list_service_deployments(cluster=deployed.cluster, service=service["serviceName"])
    newest_first = sorted(listed["serviceDeployments"], key=lambda item: item["createdAt"], reverse=True)
    if not newest_first:
        return None
    # CloudFormation's own rollback may have begun one more deployment, of the old release.
    recent = newest_first[: 2 if found.stack else 1]
    newest = next((item for item in recent if item["status"] in _FAILED), newest_first[0])
    [last] = ecs.describe_service_deployments(serviceDeploymentArns=[newest["serviceDeploymentArn"]])[
        "serviceDeployments"
    ]
    failures = last.get("deploymentCircuitBreaker", {}).get("failureCount", 0)
    began: datetime = last["createdAt"]
    if last["status"] not in _FAILED and not (last["status"] == "IN_PROGRESS" and failures):
        return began
    found.since = found.since or began
    found.deployment.append(f"{last['status']}: {last.get('statusReason', 'no reason given')}")
    if failures:
        found.deployment.append(f"{failures} tasks failed")
    if why := last.get("rollback", {}).get("reason"):
        found.deployment.append(why)
    if names := last.get("alarms", {}).get("triggeredAlarmNames"):
        found.deployment.append(f"alarms that were on: {', '.join(names)}")
    return began


def _events(service: dict[str, Any], since: datetime) -> list[str]:
    said = [item["message"] for item in service["events"] if item["createdAt"] >= since]
    telling = [line for line in said if any(word in line for word in _TROUBLE)]
    return list(dict.fromkeys(reversed(telling)))


def _task(deployed: Deployed, service: str, since: datetime | None, found: Evidence) -> None:
    """Note the task that died last of those that the deployment started, or of all where there is none."""
    began = since or datetime.min.replace(tzinfo=UTC)
    # Tasks of the release before may die later, for another reason.
    last = next((task for task in died(deployed, service) if task["createdAt"] >= began), None)
    if not last:
        return
    found.task = short(last["taskArn"])
    found.since = found.since or last["stoppedAt"]
    found.tasks.append(f"{last.get('stopCode', '')}: {last.get('stoppedReason', 'no reason given')}")
    for container in last["containers"]:
        code = f"exit code {container['exitCode']}" if "exitCode" in container else "no exit code"
        found.containers.append(f"{container['name']} {code} {container.get('reason', '')}".rstrip())
    identity = last["taskArn"].rpartition("/")[2]
    lines = last_lines(deployed, deployed.log_group, identity, _LOG_LINES)
    found.log = [message for _, message in lines]
