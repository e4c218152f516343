"""Run the release command of a new version to its end, as a custom resource of CloudFormation."""

import time
from collections.abc import Callable
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.exceptions import ClientError
from botocore.session import get_session

from .answer import Event, answer

_POLL_S = 2.0
_LAST_LINES = 20
# Less than an answer, because JSON writes each quote in the lines as two bytes; the last lines matter most.
_LONGEST_LINES_BYTES = 2500
# The awslogs driver sends lines within seconds, and creates the stream with the first line.
_LOG_TRIES = 5

Sleep = Callable[[float], None]


class ReleaseError(Exception):
    """An error whose text says why the new version must not serve."""


def handler(event: Event, _context: object) -> None:
    """Answer an event of CloudFormation, also after an error: without an answer it would wait for an hour."""
    session = get_session()
    reason = ""
    try:
        if due(event, session.create_client("cloudformation")):
            release(event, session.create_client("ecs"), session.create_client("logs"))
    except ReleaseError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - the answer shows it
        reason = f"The release command could not be run: {error!r}"
    print(reason or "done")
    answer(event, reason)


def due(event: Event, cloudformation: Any) -> bool:
    """Return whether the event deploys a new version, and is no rollback to a version released before."""
    if event["RequestType"] != "Update":
        return bool(event["RequestType"] == "Create")
    if event["ResourceProperties"]["TaskDefinition"] == event["OldResourceProperties"]["TaskDefinition"]:
        return False
    (stack,) = cloudformation.describe_stacks(StackName=event["StackId"])["Stacks"]
    return "ROLLBACK" not in stack["StackStatus"]


def release(event: Event, ecs: Any, logs: Any, *, sleep: Sleep = time.sleep) -> None:
    """Run the task to its end; raises ReleaseError with its last lines unless its exit code is 0."""
    properties = event["ResourceProperties"]
    # Lambda may deliver an event twice: ECS starts only one task for a token.
    arn = _start(properties, ecs, token=event["RequestId"])
    container = _ended(properties, ecs, arn, sleep)
    if container is None:
        what = f"did not end within release_timeout_s ({properties['TimeoutS']} s) and was stopped"
    elif container["exitCode"] == 0:
        return
    else:
        what = f"ended with exit code {container['exitCode']}"
    lines = _last_lines(properties, logs, arn, sleep)
    head = f"The release command {what}. Its last lines, from log group {properties['LogGroup']}:"
    raise ReleaseError("\n".join([head, *lines]))


def _start(properties: Event, ecs: Any, *, token: str) -> str:
    answer = ecs.run_task(
        cluster=properties["Cluster"],
        taskDefinition=properties["TaskDefinition"],
        launchType="FARGATE",
        clientToken=token,
        startedBy="release",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": properties["Subnets"],
                "securityGroups": properties["SecurityGroups"],
                "assignPublicIp": properties["AssignPublicIp"],
            }
        },
    )
    if answer.get("failures"):
        raise ReleaseError(f"The release command could not start: {answer['failures'][0].get('reason')}")
    return str(answer["tasks"][0]["taskArn"])


def _ended(properties: Event, ecs: Any, arn: str, sleep: Sleep) -> Event | None:
    """Wait and return the container with its exit code; stop it and return None when its time is over."""
    ends_at = time.monotonic() + int(properties["TimeoutS"])
    while time.monotonic() < ends_at:
        # ECS does not list a task in its first moments.
        for task in ecs.describe_tasks(cluster=properties["Cluster"], tasks=[arn])["tasks"]:
            # Found by its name, because GuardDuty may add a container of its own to tasks.
            for container in task["containers"]:
                if container["name"] == properties["Container"] and container.get("exitCode") is not None:
                    return dict(container)
            if task["lastStatus"] == "STOPPED":
                raise ReleaseError(f"The release command could not start: {task.get('stoppedReason')}")
        sleep(_POLL_S)
    ecs.stop_task(cluster=properties["Cluster"], task=arn, reason="release_timeout_s is over")
    return None


def _last_lines(properties: Event, logs: Any, arn: str, sleep: Sleep) -> list[str]:
    """Return the end of the task's log, as much as CloudFormation takes; nothing if there is no log."""
    name = properties["Container"]
    for _ in range(_LOG_TRIES):
        sleep(_POLL_S)
        try:
            answer = logs.get_log_events(
                logGroupName=properties["LogGroup"],
                logStreamName=f"{name}/{name}/{arn.rpartition('/')[2]}",
                limit=_LAST_LINES,
                startFromHead=False,
            )
        except ClientError:
            continue
        text = "\n".join(event["message"] for event in answer["events"])
        return text.encode()[-_LONGEST_LINES_BYTES:].decode(errors="ignore").splitlines()
    return []
