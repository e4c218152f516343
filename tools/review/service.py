"""The services of a template with their tasks; a recipe may have put a second one beside the first."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly import Properties, Template, of_type


class Service(NamedTuple):
    """An ECS service, the task definition that it runs, and the bounds of its number of tasks."""

    properties: Properties
    task: Properties
    min_tasks: int
    max_tasks: int


def services(template: Template) -> list[Service]:
    """Every service whose task definition is in the template; first those behind a load balancer."""
    return sorted(_services(template), key=lambda each: not each.properties.get("LoadBalancers"))


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
            properties=properties,
            task=task["Properties"],
            min_tasks=int(own[0]["MinCapacity"]) if own else fixed,
            max_tasks=int(own[0]["MaxCapacity"]) if own else fixed,
        )
