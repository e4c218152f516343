"""Let serverless caches answer: by the Valkey that `make up` runs, which gets the users of ElastiCache."""

import socket
from typing import Any

from ministack.core.responses import get_account_id, get_region

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, register

_USER = "AWS::ElastiCache::User"
_user: dict[str, Any] = dict(HANDLERS[_USER])
# ElastiCache takes what administers a server from everybody.
_NOT_FOR_USERS = "-@admin"
# What `make up` has told: the port and the administrator's password of the Valkey of this machine.
_local: Props = {}


def told(answer: Props) -> None:
    """Take note of the Valkey of this machine."""
    _local.update(answer)


def _create(_logical_id: str, props: Props, _stack: str) -> Made:
    name = props["ServerlessCacheName"]
    host = f"{name}.serverless.local.cache.amazonaws.com"
    address, port = ("127.0.0.1", str(_local["port"])) if _local else (host, "6379")
    return name, {
        "ARN": f"arn:aws:elasticache:{get_region()}:{get_account_id()}:serverlesscache:{name}",
        "Endpoint.Address": address,
        "Endpoint.Port": port,
        "Status": "available",
    }


def _update(physical_id: str, _old: Props, new: Props, stack: str) -> Made:
    return _create(physical_id, new, stack)


def _create_user(logical_id: str, props: Props, stack: str) -> Made:
    made: Made = _user["create"](logical_id, props, stack)
    _let_in(props)
    return made


def _update_user(physical_id: str, old: Props, new: Props, stack: str, **named: Any) -> Made:
    made: Made = _user["update"](physical_id, old, new, stack, **named)
    _let_in(new)
    return made


def _let_in(props: Props) -> None:
    """Give the Valkey of this machine a user with these passwords and rights."""
    if not _local:
        return
    passwords = [f">{each}" for each in props.get("Passwords", [])]
    rights = [*str(props["AccessString"]).split(), _NOT_FOR_USERS]
    words = ["ACL", "SETUSER", props["UserName"], "reset", *passwords, *rights]
    with socket.create_connection(("127.0.0.1", _local["port"]), timeout=5) as connection:
        answers = connection.makefile("rb")
        for command in (["AUTH", _local["password"]], words):
            encoded = [each.encode() for each in command]
            parts = [b"$%d\r\n%s\r\n" % (len(each), each) for each in encoded]
            connection.sendall(b"*%d\r\n%s" % (len(parts), b"".join(parts)))
            said = answers.readline().decode().strip()
            if said != "+OK":
                raise ValueError(f"{_USER}: {said.lstrip('-')}")


def install() -> None:
    """Register the serverless cache, and put this before what ministack does with a user."""
    register(
        "AWS::ElastiCache::ServerlessCache",
        create=_create,
        delete=lambda _physical_id, _props: None,
        update=_update,
    )
    HANDLERS[_USER] |= {"create": _create_user, "update": _update_user}
