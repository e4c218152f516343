"""Read a finished template of any CDK app; missing values and tokens are left out."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Properties = dict[str, Any]


class Finding(NamedTuple):
    """A broken rule, the resource that breaks it, and a sentence that says what to do."""

    rule: str
    logical_id: str
    sentence: str


class Container(NamedTuple):
    """A container definition, and the logical id of its task definition."""

    logical_id: str
    definition: Properties

    @property
    def name(self) -> str:
        """Return the container's name in its task."""
        return str(self.definition.get("Name", "?"))

    @property
    def variables(self) -> dict[str, str]:
        """Return its environment variables; values that only a deployment knows are empty."""
        return {
            pair["Name"]: pair["Value"] if isinstance(pair.get("Value"), str) else ""
            for pair in dicts(self.definition.get("Environment"))
            if isinstance(pair.get("Name"), str)
        }

    @property
    def secrets(self) -> list[str]:
        """Return the names of the variables whose values are secrets."""
        return [str(pair["Name"]) for pair in dicts(self.definition.get("Secrets")) if "Name" in pair]

    def words(self, key: str) -> tuple[str, ...]:
        """Return EntryPoint or Command, without words that only a deployment knows."""
        words = self.definition.get(key)
        return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def of_type(template: Properties, type_name: str) -> Iterator[tuple[str, Properties]]:
    """Yield logical id and properties of each resource of a type."""
    resources = template.get("Resources")
    for logical_id, resource in resources.items() if isinstance(resources, dict) else ():
        if isinstance(resource, dict) and resource.get("Type") == type_name:
            properties = resource.get("Properties")
            yield logical_id, properties if isinstance(properties, dict) else {}


def containers(template: Properties) -> Iterator[Container]:
    """Yield all containers of all task definitions."""
    for logical_id, task in of_type(template, "AWS::ECS::TaskDefinition"):
        for definition in dicts(task.get("ContainerDefinitions")):
            yield Container(logical_id, definition)


def dicts(value: Any) -> list[Properties]:
    """Return the members of a list that are objects; nothing if the value is not a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """Return a number, also one that is written as text; None for anything else."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
