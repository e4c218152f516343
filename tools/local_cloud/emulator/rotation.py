"""Rotate a secret as Secrets Manager does: call its function once for each step.

Ministack promotes a copy of the current value and calls nobody. On a schedule nothing rotates here.
"""

import contextvars
import logging
import threading
from typing import Any

from ministack.core.responses import json_response, new_uuid
from ministack.services import lambda_svc, secretsmanager

from tools.local_cloud.emulator.resources import Made, Props, register, substitute

# https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_log = logging.getLogger(__name__)
_copied = secretsmanager._rotate_secret


def _rotate(data: Props) -> Any:
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    arn = data.get("RotationLambdaARN") or (secret or {}).get("RotationLambdaARN") or ""
    function = lambda_svc._functions.get(arn.rpartition(":function:")[2])
    if not secret or not function:
        return _copied(data)
    token = data.get("ClientRequestToken") or new_uuid()
    for version in secret["Versions"].values():  # of a rotation that failed
        version["Stages"] = [stage for stage in version["Stages"] if stage != "AWSPENDING"]
    # AWS answers at once, too.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_steps, function, secret["ARN"], token), daemon=True).start()
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def _steps(function: Any, secret: str, token: str) -> None:
    for step in _STEPS:
        event = {"Step": step, "SecretId": secret, "ClientRequestToken": token}
        done = lambda_svc._execute_function(function, event)
        if done.get("error"):
            _log.warning("%s of %s failed: %s", step, secret, done)
            return


def _create(_id: str, props: Props, _stack: str) -> Made:
    _, secret = secretsmanager._resolve(props["SecretId"])
    if secret is None:
        raise ValueError(f"Secrets Manager can't find the specified secret: {props['SecretId']}")
    secret |= {
        "RotationEnabled": True,
        "RotationLambdaARN": props.get("RotationLambdaARN"),
        "RotationRules": props.get("RotationRules"),
    }
    return secret["ARN"], {}


def _delete(physical_id: str, _props: Props) -> None:
    _, secret = secretsmanager._resolve(physical_id)
    if secret:
        secret |= {"RotationEnabled": False, "RotationLambdaARN": None, "RotationRules": None}


def install() -> None:
    """Add the schedule, and replace what rotates a secret."""
    register(
        "AWS::SecretsManager::RotationSchedule",
        create=_create,
        delete=_delete,
        update=lambda _id, _old, new, stack: _create(_id, new, stack),
    )
    substitute(secretsmanager, "_rotate_secret", _rotate)
