"""Name log groups as AWS does: a group that outlives its stack must not meet that of the next attempt."""

import secrets
import string
from typing import Any

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props

_TYPE = "AWS::Logs::LogGroup"
_create: Any = HANDLERS[_TYPE]["create"]
_LETTERS = string.ascii_uppercase + string.digits


def _named(logical_id: str, props: Props, stack: str) -> Made:
    ending = "".join(secrets.choice(_LETTERS) for _ in range(12))
    made: Made = _create(logical_id, {"LogGroupName": f"{stack}-{logical_id}-{ending}", **props}, stack)
    return made


def install() -> None:
    """Replace the handler that makes log groups."""
    HANDLERS[_TYPE]["create"] = _named
