"""Give the app the login of the other one of its two users of the database, for Secrets Manager.

It calls this once for each step: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
The user that the app logs in as keeps its password, so that the tasks that run go on opening connections.
"""

import json
import os
import secrets
import string
import time
from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.session import get_session

from .one_off import Sleep, run
from .restart import restart

_OTHER = "_clone"  # as Secrets Manager's own function calls the second user
_LETTERS = string.ascii_letters + string.digits
_LENGTH = 50


def handler(event: dict[str, str], _context: object) -> None:
    """Do one step; an error makes Secrets Manager try the rotation again."""
    session = get_session()
    vault = session.create_client("secretsmanager")
    secret, token = event["SecretId"], event["ClientRequestToken"]
    match event["Step"]:
        case "createSecret":
            create(vault, secret, token)
        case "setSecret":
            tell_database(session.create_client("ecs"), session.create_client("logs"), token)
        case "finishSecret":
            finish(vault, secret, token)
            # Not by an event, for which the account would need a trail of CloudTrail.
            ecs = session.create_client("ecs")
            for service in os.environ["SERVICES"].split(","):
                restart(ecs, cluster=os.environ["CLUSTER"], service=service)
    # testSecret has nothing left to do: the task of setSecret has logged in with the new password.
    print(f"{event['Step']} done")


def create(vault: Any, secret: str, token: str) -> None:
    """Store a login of the other user as the pending version, unless an earlier try has."""
    versions = vault.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if token in _with(versions, "AWSPENDING") and _has_value(vault, secret, token):
        return
    current = json.loads(vault.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")["SecretString"])
    user = current["username"]
    other = user.removesuffix(_OTHER) if user.endswith(_OTHER) else user + _OTHER
    password = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    vault.put_secret_value(
        SecretId=secret,
        ClientRequestToken=token,
        SecretString=json.dumps({**current, "username": other, "password": password}),
        VersionStages=["AWSPENDING"],
    )


def tell_database(ecs: Any, logs: Any, token: str, *, sleep: Sleep = time.sleep) -> None:
    """Run the task that gives the other user its new password, and logs in with it."""
    place = json.loads(os.environ["TASK"])
    run(place, ecs, logs, token=token, started_by="rotation", what="task of the rotation", sleep=sleep)


def finish(vault: Any, secret: str, token: str) -> None:
    """Make the pending version the current one, unless an earlier try has."""
    versions = vault.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = _with(versions, "AWSCURRENT")
    if token in current:
        return
    vault.update_secret_version_stage(
        SecretId=secret,
        VersionStage="AWSCURRENT",
        MoveToVersionId=token,
        **({"RemoveFromVersionId": current[0]} if current else {}),
    )


def _with(versions: dict[str, list[str]], stage: str) -> list[str]:
    return [version for version, stages in versions.items() if stage in stages]


def _has_value(vault: Any, secret: str, token: str) -> bool:
    try:
        vault.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except vault.exceptions.ResourceNotFoundException:
        return False
    return True
