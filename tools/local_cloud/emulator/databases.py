"""Let databases of RDS answer: by the PostgreSQL that `make up` runs, with a secret for its administrator."""

import json
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import rds, secretsmanager

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, substitute

_TYPES = {"AWS::RDS::DBInstance": rds._instances, "AWS::RDS::DBCluster": rds._clusters}
_known: dict[str, dict[str, Any]] = {kind: dict(HANDLERS[kind]) for kind in _TYPES}
# What `make up` has told: the port and the password of the PostgreSQL of this machine.
_local: Props = {}


def told(answer: Props) -> None:
    """Take note of the PostgreSQL of this machine."""
    _local.update(answer)


def _handlers(kind: str) -> dict[str, Any]:
    known, records = _known[kind], _TYPES[kind]

    def create(logical_id: str, props: Props, stack: str) -> Made:
        physical_id, attributes = known["create"](logical_id, props, stack)
        return physical_id, _answering(records[physical_id], props, attributes)

    def update(physical_id: str, old: Props, new: Props, stack: str, **named: Any) -> Made:
        changed, attributes = known["update"](physical_id, old, new, stack, **named)
        return changed, _answering(records[changed], new, attributes)

    def delete(physical_id: str, props: Props) -> None:
        if secret := records.get(physical_id, {}).get("MasterUserSecret"):
            name, _ = secretsmanager._resolve(secret["SecretArn"])
            secretsmanager._secrets.pop(name, None)
        known["delete"](physical_id, props)

    return {"create": create, "update": update, "delete": delete}


def _answering(record: Props, props: Props, attributes: Props) -> Props:
    if _local:
        place = {"Address": "127.0.0.1", "Port": _local["port"]}
        if isinstance(record["Endpoint"], dict):
            record["Endpoint"].update(place)
        else:  # of a cluster
            record |= {"Endpoint": place["Address"], "Port": place["Port"]}
        attributes |= {"Endpoint.Address": place["Address"], "Endpoint.Port": str(place["Port"])}
    if str(props.get("ManageMasterUserPassword")).lower() == "true":
        attributes["MasterUserSecret.SecretArn"] = _secret(record, props)
    return attributes


def _secret(record: Props, props: Props) -> str:
    """Return the secret that RDS makes for the administrator, by the name that RDS gives it."""
    if known := record.get("MasterUserSecret"):
        return str(known["SecretArn"])
    prefix = "cluster" if "DBClusterArn" in record else "db"
    login = {"username": props["MasterUsername"], "password": _local.get("password", new_uuid())}
    arn, _ = secretsmanager._store_new_secret(f"rds!{prefix}-{new_uuid()}", secret_string=json.dumps(login))
    record["MasterUserSecret"] = {"SecretArn": arn, "SecretStatus": "active"}
    return str(arn)


_scaling = rds._serverlessv2_xml


def _with_pause(cluster: Props) -> str:
    """Tell after how many seconds it pauses, too, which ministack leaves out."""
    pause = (cluster.get("ServerlessV2ScalingConfiguration") or {}).get("SecondsUntilAutoPause")
    end = "</ServerlessV2ScalingConfiguration>"
    told = f"<SecondsUntilAutoPause>{pause}</SecondsUntilAutoPause>" if pause else ""
    return str(_scaling(cluster)).replace(end, f"{told}{end}")


def install() -> None:
    """Put this before what ministack does with an instance and a cluster."""
    for kind in _TYPES:
        HANDLERS[kind] |= _handlers(kind)
    substitute(rds, "_serverlessv2_xml", _with_pause)
