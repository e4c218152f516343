"""Give identities of SES the records that prove a domain: ministack makes none."""

from typing import Any

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props

_TYPE = "AWS::SES::EmailIdentity"
_identity: dict[str, Any] = dict(HANDLERS[_TYPE])
_TOKENS = 3


def _create(logical_id: str, props: Props, stack: str) -> Made:
    physical_id, attributes = _identity["create"](logical_id, props, stack)
    return physical_id, attributes | _records(physical_id)


def _update(physical_id: str, old: Props, new: Props, stack: str, **named: Any) -> Made:
    changed, attributes = _identity["update"](physical_id, old, new, stack, **named)
    return changed, attributes | _records(changed)


def _records(identity: str) -> Props:
    named = {
        f"DkimDNSTokenName{each}": f"token{each}._domainkey.{identity}" for each in range(1, _TOKENS + 1)
    }
    return named | {
        f"DkimDNSTokenValue{each}": f"token{each}.dkim.amazonses.com" for each in range(1, _TOKENS + 1)
    }


def install() -> None:
    """Put this before what ministack does with an identity."""
    HANDLERS[_TYPE] |= {"create": _create, "update": _update}
