"""Stack: a synthesised template and what is asked of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.assembly import CDK_OUT, Properties, Template, artifacts, templates


@dataclass(frozen=True)
class Stack:
    """One environment's template, and what the CLI is told beside it."""

    environment: str
    template: Template
    artifact: Properties = field(default_factory=dict)

    def of_type(self, *type_names: str) -> dict[str, Properties]:
        """The properties of all resources of these types, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] in type_names
        }

    def containers(self) -> Iterator[tuple[str, Properties]]:
        """Every container definition, with the logical id of its task definition."""
        for logical_id, task in self.of_type("AWS::ECS::TaskDefinition").items():
            for container in task.get("ContainerDefinitions", []):
                yield logical_id, container


def stacks(cdk_out: Path = CDK_OUT) -> list[Stack]:
    """All environments of the last synth, in their order."""
    told = artifacts(cdk_out)
    return [Stack(name, template, told[name]) for name, template in templates(cdk_out).items()]


def readable(logical_id: str) -> str:
    """A logical id without the hash that CDK appends."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def references(value: Any) -> set[str]:
    """The logical ids that a value refers to."""
    if isinstance(value, list):
        return {each for item in value for each in references(item)}
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("Ref"), str):
        return {value["Ref"]}
    if "Fn::GetAtt" in value:
        target = value["Fn::GetAtt"]
        return {target.split(".")[0] if isinstance(target, str) else target[0]}
    return {each for item in value.values() for each in references(item)}


def attributes(pairs: list[Properties] | None) -> dict[str, str]:
    """A load balancer's or target group's attributes; CloudFormation takes their values as text."""
    return {pair["Key"]: str(pair["Value"]).lower() for pair in pairs or []}


def as_list(value: Any) -> list[Any]:
    """What may be written as one or as many, as many."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
