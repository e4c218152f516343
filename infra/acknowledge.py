"""Switch a rule of cdk-nag or of CloudFormation off for one resource, with the reason."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, *, rule: str, reason: str) -> None:
    """Accept what `rule` finds on `construct`; the reason goes to cdk.out/validation-report.json."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def as_cdk_nag_writes(stack: Stack, value: object) -> str:
    """Return text as cdk-nag puts it into a rule's id: `<LogicalId>` for each part that only AWS knows."""
    return _written(stack.resolve(value))


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"<{value['Ref']}>"
    _, parts = value["Fn::Join"]
    return "".join(_written(part) for part in parts)
