"""Read policy statements of a template in one form, wherever they are written."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly import Properties, as_list
from tools.security.stack import Stack


class Statement(NamedTuple):
    """One statement of a policy document, its lists written out."""

    effect: str
    actions: list[str]
    resources: list[str]
    anyone: bool
    outsiders: bool
    condition: Properties

    @property
    def opens_to_all(self) -> bool:
        """Return whether it allows something to everybody without a condition."""
        return self.effect == "Allow" and self.anyone and not self.condition

    def allows(self, *prefixes: str) -> bool:
        """Return whether an allowed action starts with a prefix, or is every action."""
        lowered = [action.lower() for action in self.actions]
        return self.effect == "Allow" and any(
            action == "*" or action.startswith(prefix.lower()) for action in lowered for prefix in prefixes
        )


def statements(document: Properties | None) -> Iterator[Statement]:
    """Yield the statements of a policy document."""
    for each in as_list((document or {}).get("Statement")):
        principal = each.get("Principal")
        principals = as_list(principal.get("AWS")) if isinstance(principal, dict) else as_list(principal)
        yield Statement(
            effect=each["Effect"],
            actions=[str(action) for action in as_list(each.get("Action"))],
            resources=[
                item if isinstance(item, str) else json.dumps(item) for item in as_list(each.get("Resource"))
            ],
            anyone="*" in principals,
            # A principal that is no text is a role of the template.
            outsiders=any(isinstance(item, str) for item in principals),
            condition=each.get("Condition", {}),
        )


def managed(stack: Stack) -> Iterator[tuple[str, list[Statement]]]:
    """Yield every customer managed policy, by logical id."""
    for policy, properties in stack.of_type("AWS::IAM::ManagedPolicy").items():
        yield policy, list(statements(properties["PolicyDocument"]))


def inline(stack: Stack) -> Iterator[tuple[str, list[Statement]]]:
    """Yield every policy written into a role, or attached to it, by logical id."""
    for policy, properties in stack.of_type("AWS::IAM::Policy").items():
        yield policy, list(statements(properties["PolicyDocument"]))
    for role, properties in stack.of_type("AWS::IAM::Role").items():
        for embedded in properties.get("Policies", []):
            yield role, list(statements(embedded["PolicyDocument"]))
