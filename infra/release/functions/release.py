"""Run the release command of a new version to its end, as a custom resource of CloudFormation."""

import time
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.session import get_session

from .answer import Event, answer
from .one_off import OneOffError, Sleep, run


def handler(event: Event, _context: object) -> None:
    """Answer an event of CloudFormation, also after an error: without an answer it would wait for an hour."""
    session = get_session()
    reason = ""
    try:
        if due(event, session.create_client("cloudformation")):
            release(event, session.create_client("ecs"), session.create_client("logs"))
    except OneOffError as error:
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
    """Run the task to its end; raises OneOffError with its last lines unless its exit code is 0."""
    place = event["ResourceProperties"]
    run(
        place,
        ecs,
        logs,
        token=event["RequestId"],
        started_by="release",
        what="release command",
        limit=f"release_timeout_s ({place['TimeoutS']} s)",
        sleep=sleep,
    )
