"""Run one task to its end, for the functions beside this one."""

import time
from collections.abc import Callable, Mapping
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.exceptions import ClientError

_POLL_S = 2.0
_LAST_LINES = 20
# Less than an answer, because JSON writes each quote in the lines as two bytes; the last lines matter most.
_LONGEST_LINES_BYTES = 2500
# The awslogs driver sends lines within seconds, and creates the stream with the first line.
_LOG_TRIES = 5

Sleep = Callable[[float], None]
Place = Mapping[str, Any]


class OneOffError(Exception):
    """An error whose text says why the task did not do its work."""


def run(
    place: Place,
    ecs: Any,
    logs: Any,
    *,
    token: str,
    started_by: str,
    what: str,
    limit: str = "",
    sleep: Sleep = time.sleep,
) -> None:
    """Run the task to its end; raises OneOffError with its last lines unless its exit code is 0.

    `place` is what infra/release/one_off.py tells, `what` names the command and `limit` its time in errors.
    """
    # Lambda may deliver an event twice: ECS starts only one task for a token.
    arn = _start(place, ecs, token=token, started_by=started_by, what=what)
    container = _ended(place, ecs, arn, what, sleep)
    if container is None:
        ended = f"did not end within {limit or place['TimeoutS'] + ' s'} and was stopped"
    elif container["exitCode"] == 0:
        return
    else:
        ended = f"ended with exit code {container['exitCode']}"
    lines = _last_lines(place, logs, arn, sleep)
    head = f"The {what} {ended}. Its last lines, from log group {place['LogGroup']}:"
    raise OneOffError("\n".join([head, *lines]))


def _start(place: Place, ecs: Any, *, token: str, started_by: str, what: str) -> str:
    answer = ecs.run_task(
        cluster=place["Cluster"],
        taskDefinition=place["TaskDefinition"],
        launchType="FARGATE",
        clientToken=token,
        startedBy=started_by,
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": place["Subnets"],
                "securityGroups": place["SecurityGroups"],
                "assignPublicIp": place["AssignPublicIp"],
            }
        },
    )
    if answer.get("failures"):
        raise OneOffError(f"The {what} could not start: {answer['failures'][0].get('reason')}")
    return str(answer["tasks"][0]["taskArn"])


def _ended(place: Place, ecs: Any, arn: str, what: str, sleep: Sleep) -> dict[str, Any] | None:
    """Wait and return the container with its exit code; stop it and return None when its time is over."""
    ends_at = time.monotonic() + int(place["TimeoutS"])
    while time.monotonic() < ends_at:
        # ECS does not list a task in its first moments.
        for task in ecs.describe_tasks(cluster=place["Cluster"], tasks=[arn])["tasks"]:
            # Found by its name, because GuardDuty may add a container of its own to tasks.
            for container in task["containers"]:
                if container["name"] == place["Container"] and container.get("exitCode") is not None:
                    return dict(container)
            if task["lastStatus"] == "STOPPED":
                raise OneOffError(f"The {what} could not start: {task.get('stoppedReason')}")
        sleep(_POLL_S)
    ecs.stop_task(cluster=place["Cluster"], task=arn, reason="its time is over")
    return None


def _last_lines(place: Place, logs: Any, arn: str, sleep: Sleep) -> list[str]:
    """Return the end of the task's log, as much as CloudFormation takes; nothing if there is no log."""
    name = place["Container"]
    for _ in range(_LOG_TRIES):
        sleep(_POLL_S)
        try:
            answer = logs.get_log_events(
                logGroupName=place["LogGroup"],
                logStreamName=f"{name}/{name}/{arn.rpartition('/')[2]}",
                limit=_LAST_LINES,
                startFromHead=False,
            )
        except ClientError:
            continue
        text = "\n".join(event["message"] for event in answer["events"])
        return text.encode()[-_LONGEST_LINES_BYTES:].decode(errors="ignore").splitlines()
    return []
