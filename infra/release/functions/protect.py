"""Protect a load balancer from deletion while its stack has it, as a custom resource of CloudFormation."""

from typing import Any

# botocore, because Lambda and the local cloud both have it and nothing here needs boto3.
from botocore.session import get_session

from .answer import Event, answer


def handler(event: Event, _context: object) -> None:
    """Answer an event of CloudFormation, also after an error: without an answer it would wait for an hour."""
    reason = ""
    try:
        protect(event, get_session().create_client("elbv2"))
    except Exception as error:  # noqa: BLE001 - the answer shows it
        reason = f"The load balancer's protection could not be changed: {error!r}"
    print(reason or "done")
    answer(event, reason)


def protect(event: Event, elbv2: Any) -> None:
    """Switch the protection on, and off for a load balancer that may go: with its stack, or replaced."""
    balancer = event["ResourceProperties"]["LoadBalancer"]
    before = event.get("OldResourceProperties", {}).get("LoadBalancer", balancer)
    if event["RequestType"] == "Delete":
        _set(elbv2, balancer, protected=False)
        return
    _set(elbv2, balancer, protected=True)
    if before != balancer:
        _set(elbv2, before, protected=False)


def _set(elbv2: Any, balancer: str, *, protected: bool) -> None:
    attribute = {"Key": "deletion_protection.enabled", "Value": "true" if protected else "false"}
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
