"""Accept each `*` that a policy statement needs, by its exact text and with a reason."""

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from infra.acknowledge import acknowledge, as_cdk_nag_writes


def accept_wildcards(
    construct: IConstruct, statements: Iterable[iam.PolicyStatement], *, reason: str
) -> None:
    """Acknowledge each action and each resource of these statements that contains a `*`, and no other."""
    stack = cdk.Stack.of(construct)
    for statement in statements:
        actions = [f"Action::{each}" for each in statement.actions]
        resources = [f"Resource::{as_cdk_nag_writes(stack, each)}" for each in statement.resources]
        for finding in dict.fromkeys((*actions, *resources)):
            if "*" in finding:
                acknowledge(construct, rule=f"AwsSolutions-IAM5[{finding}]", reason=reason)
