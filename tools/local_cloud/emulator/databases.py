"""Let instances of RDS answer: by the PostgreSQL that `make up` runs, with a secret for its administrator."""

import json
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import rds, secretsmanager

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props

_TYPE = "AWS::RDS::DBInstance"
_instance: dict[str, Any] = dict(HANDLERS[_TYPE])
# What `make up` has told: the port and the password of the PostgreSQL of this machine.
_local: Props = {}


def told(answer: Props) -> None:
    """Take note of the PostgreSQL of this machine."""
    _local.update(answer)


def _create(logical_id: str, props: Props, stack: str) -> Made:
    physical_id, attributes = _instance["create"](logical_id, props, stack)
    return physical_id, _answering(physical_id, props, attributes)


def _update(physical_id: str, old: Props, new: Props, stack: str, **named: Any) -> Made:
    changed, attributes = _instance["update"](physical_id, old, new, stack, **named)
    return changed, _answering(changed, new, attributes)


def _answering(physical_id: str, props: Props, attributes: Props) -> Props:
    if _local:
        endpoint = {"Address": "127.0.0.1", "Port": _local["port"]}
        rds._instances[physical_id]["Endpoint"].update(endpoint)
        attributes |= {"Endpoint.Address": endpoint["Address"], "Endpoint.Port": str(endpoint["Port"])}
    if str(props.get("ManageMasterUserPassword")).lower() == "true":
        attributes["MasterUserSecret.SecretArn"] = _secret(physical_id, props)
    return attributes


def _secret(physical_id: str, props: Props) -> str:
    """Return the secret that RDS makes for the administrator, by the name that RDS gives it."""
    record = rds._instances[physical_id]
    if known := record.get("MasterUserSecret"):
        return str(known["SecretArn"])
    login = {"username": props["MasterUsername"], "password": _local.get("password", new_uuid())}
    arn, _ = secretsmanager._store_new_secret(f"rds!db-{new_uuid()}", secret_string=json.dumps(login))
    record["MasterUserSecret"] = {"SecretArn": arn, "SecretStatus": "active"}
    return str(arn)


def _delete(physical_id: str, props: Props) -> None:
    record = rds._instances.get(physical_id, {})
    if secret := record.get("MasterUserSecret"):
        name, _ = secretsmanager._resolve(secret["SecretArn"])
        secretsmanager._secrets.pop(name, None)
    _instance["delete"](physical_id, props)


def install() -> None:
    """Put this before what ministack does with an instance."""
    HANDLERS[_TYPE] |= {"create": _create, "update": _update, "delete": _delete}
