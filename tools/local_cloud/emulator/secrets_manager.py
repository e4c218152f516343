"""Find secrets by their ARN as AWS does, and let `Ref` of a secret give its ARN.

Ministack's `Ref` gives a name, which ECS takes for a parameter; and the beginning of an ARN is enough for it.
"""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import drift

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, substitute

_TYPE = "AWS::SecretsManager::Secret"
_secret: dict[str, Any] = dict(HANDLERS[_TYPE])
_read, _compared = drift._DRIFT_READERS[_TYPE]


_found = secretsmanager._resolve
_SUFFIX = len("-a1B2c3")


def _resolve(secret_id: str, **scope: Any) -> Any:
    """Find a secret by its ARN with any six characters at the end, or without: nobody can choose them."""
    if not (secret_id or "").startswith("arn:"):
        return _found(secret_id, **scope)
    given = secret_id.rpartition(":secret:")[2]
    for name in (given, given[:-_SUFFIX]):
        key, secret = _found(name, **scope)
        if secret and secret["ARN"].rpartition(":secret:")[0] == secret_id.rpartition(":secret:")[0]:
            return key, secret
    return None, None


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
    """Replace what finds a secret, its handlers, and the function that reads it to detect drift."""
    substitute(secretsmanager, "_resolve", _resolve)
    HANDLERS[_TYPE] |= {"create": _create, "update": _update, "delete": _delete}
    drift._DRIFT_READERS[_TYPE] = (lambda physical_id, props: _read(_name(physical_id), props), _compared)
