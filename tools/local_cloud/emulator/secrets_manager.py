"""Let `Ref` of a secret give its ARN, as in AWS: ministack gives a name, which ECS takes for a parameter."""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import drift

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props

_TYPE = "AWS::SecretsManager::Secret"
_secret: dict[str, Any] = dict(HANDLERS[_TYPE])
_read, _compared = drift._DRIFT_READERS[_TYPE]


def _name(physical_id: str) -> str:
    name, _ = secretsmanager._resolve(physical_id)
    return str(name or physical_id)


def _by_arn(made: Made) -> Made:
    _, attributes = made
    return attributes["Arn"], attributes


def _create(logical_id: str, props: Props, stack: str) -> Made:
    return _by_arn(_secret["create"](logical_id, props, stack))


def _update(physical_id: str, *rest: Any, **named: Any) -> Made:
    return _by_arn(_secret["update"](_name(physical_id), *rest, **named))


def _delete(physical_id: str, props: Props) -> None:
    _secret["delete"](_name(physical_id), props)


def install() -> None:
    """Replace the handlers of a secret, and the function that reads it to detect drift."""
    HANDLERS[_TYPE] |= {"create": _create, "update": _update, "delete": _delete}
    drift._DRIFT_READERS[_TYPE] = (lambda physical_id, props: _read(_name(physical_id), props), _compared)
