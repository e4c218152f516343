"""Acknowledgements: a rule that does not apply here is switched off beside its resource, with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, *, rule: str, reason: str) -> None:
    """Accept what `rule` finds on `construct`; the reason goes to cdk.out/validation-report.json."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
