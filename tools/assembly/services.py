"""Read the ECS services of a template: the web service, and those that recipes or a team put beside it."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly.resources import Properties, Template, of_type, references


class Service(NamedTuple):
    """An ECS service, the task definition that it runs, and the bounds of its number of tasks."""

    logical_id: str
    properties: Properties
    task: Properties
    min_tasks: int
    max_tasks: int


def services(template: Template) -> list[Service]:
    """Return every service whose task definition is in the template, the web service first.

    The web service is named by the stack's output ServiceName; without one, it has a load balancer.
    """
    named = references(template.get("Outputs", {}).get("ServiceName", {}).get("Value"))
    return sorted(
        _services(template),
        key=lambda each: (each.logical_id not in named, not each.properties.get("LoadBalancers")),
    )


def web_service(template: Template) -> Service:
    """Return the service that answers the requests of users."""
    return services(template)[0]


def web_container(template: Template) -> Properties:
    """Return the definition of the container that runs the app."""
    containers = web_service(template).task["ContainerDefinitions"]
    return dict(next(each for each in containers if each["Name"] == "web"))


def variables(container: Properties) -> dict[str, str]:
    """Return a container's environment variables whose value the template knows.

    Others, such as the URL of a queue, are known only once the stack is deployed.
    """
    pairs = container.get("Environment", [])
    return {pair["Name"]: pair["Value"] for pair in pairs if isinstance(pair["Value"], str)}


def _services(template: Template) -> Iterator[Service]:
    targets = of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    known = [
        (logical_id, resource.get("Properties", {}))
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::ECS::Service"
    ]
    for logical_id, properties in known:
        definition = properties.get("TaskDefinition")
        task = template["Resources"].get(definition.get("Ref")) if isinstance(definition, dict) else None
        if not task:
            continue
        own = [
            each for each in targets if len(known) == 1 or logical_id in json.dumps(each.get("ResourceId"))
        ]
        fixed = int(properties.get("DesiredCount", 1))
        yield Service(
            logical_id=logical_id,
            properties=properties,
            task=task["Properties"],
            min_tasks=int(own[0]["MinCapacity"]) if own else fixed,
            max_tasks=int(own[0]["MaxCapacity"]) if own else fixed,
        )
