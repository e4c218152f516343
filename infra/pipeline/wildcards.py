"""Wildcards: where a statement has to have one, it is accepted word for word, with the reason."""

from collections.abc import Iterable
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from infra.acknowledge import acknowledge


def accept_wildcards(
    construct: IConstruct, statements: Iterable[iam.PolicyStatement], *, reason: str
) -> None:
    """Acknowledge each action and resource of these statements that has a `*`, and no other."""
    stack = cdk.Stack.of(construct)
    for statement in statements:
        actions = [f"Action::{each}" for each in statement.actions]
        resources = [f"Resource::{_as_cdk_nag_writes(stack.resolve(each))}" for each in statement.resources]
        for finding in dict.fromkeys((*actions, *resources)):
            if "*" in finding:
                acknowledge(construct, rule=f"AwsSolutions-IAM5[{finding}]", reason=reason)


def _as_cdk_nag_writes(value: Any) -> str:
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return f"<{value['Ref']}>"
    _, parts = value["Fn::Join"]
    return "".join(_as_cdk_nag_writes(part) for part in parts)
