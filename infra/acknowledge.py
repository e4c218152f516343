"""Acknowledgements: a rule that does not apply here is switched off beside its resource, with the reason."""

from aws_cdk import Acknowledgment, Token, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, *, rule: str, reason: str) -> None:
    """Accept what `rule` finds on `construct`; the reason goes to cdk.out/validation-report.json."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def as_cdk_nag_writes(value: str, *, parameter: str) -> str:
    """What stands in a rule's id for the stack's region or the like: `<AWS::Region>` if unknown."""
    return f"<AWS::{parameter}>" if Token.is_unresolved(value) else value
