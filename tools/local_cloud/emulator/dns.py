"""Make up a hosted zone when a record first names it: real zones exist before the stack does.

Add health checks, too, as CloudFormation creates them; nobody asks what they name.
"""

from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import route53
from ministack.services.cloudformation import provisioners

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props, register

_TYPE = "AWS::Route53::RecordSet"
_CHECK = "AWS::Route53::HealthCheck"
_NUMBERS = ("Port", "RequestInterval", "FailureThreshold", "HealthThreshold")
_create_record: Any = HANDLERS[_TYPE]["create"]


def _create(logical_id: str, props: Props, stack: str) -> Made:
    zone = provisioners._r53_resolve_hosted_zone_id(props)
    if zone not in route53._zones:
        # The record does not say the zone's name: guess it from the record's own name.
        name = props["Name"].rstrip(".").partition(".")[2] + "."
        route53._zones[zone] = {
            "id": zone,
            "name": name,
            "caller_reference": zone,
            "comment": "",
            "private": False,
            "vpcs": [],
        }
        route53._records[zone] = route53._default_records(name)
    made: Made = _create_record(logical_id, props, stack)
    return made


def _put_check(check: str, props: Props) -> Made:
    config = {
        key: int(value) if key in _NUMBERS else value for key, value in props["HealthCheckConfig"].items()
    }
    known = route53._health_checks.get(check, {"version": 0})
    route53._health_checks[check] = {
        "id": check,
        "caller_reference": check,
        "config": config,
        "version": known["version"] + 1,
    }
    return check, {"HealthCheckId": check}


def install() -> None:
    """Replace the creation of a record by one that first makes up its hosted zone; add health checks."""
    HANDLERS[_TYPE]["create"] = _create
    register(
        _CHECK,
        create=lambda _logical_id, props, _stack: _put_check(new_uuid(), props),
        delete=lambda physical_id, _: route53._health_checks.pop(physical_id, None),
        update=lambda physical_id, _old, new, _stack: _put_check(physical_id, new),
    )
