"""Make up a hosted zone when a record first names it: real zones exist before the stack does."""

from typing import Any

from ministack.services import route53
from ministack.services.cloudformation import provisioners

from tools.local_cloud.emulator.resources import HANDLERS, Made, Props

_TYPE = "AWS::Route53::RecordSet"
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


def install() -> None:
    """Replace the creation of a record by one that first makes up its hosted zone."""
    HANDLERS[_TYPE]["create"] = _create
