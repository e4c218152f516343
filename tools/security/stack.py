"""Read an environment's template as controls need it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.assembly import CDK_OUT, Properties, Template, artifacts, templates


@dataclass(frozen=True)
class Stack:
    """One environment's template, and what the CDK CLI reads beside it."""

    environment: str
    template: Template
    artifact: Properties = field(default_factory=dict)

    def of_type(self, *type_names: str) -> dict[str, Properties]:
        """Return the properties of all resources of these types, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] in type_names
        }

    def containers(self) -> Iterator[tuple[str, Properties]]:
        """Yield every container definition, with the logical id of its task definition."""
        for logical_id, task in self.of_type("AWS::ECS::TaskDefinition").items():
            for container in task.get("ContainerDefinitions", []):
                yield logical_id, container


def stacks(cdk_out: Path = CDK_OUT) -> list[Stack]:
    """Return all environments of the last synth, in their order."""
    told = artifacts(cdk_out)
    return [Stack(name, template, told[name]) for name, template in templates(cdk_out).items()]
