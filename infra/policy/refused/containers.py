"""Check how the containers of a task name their variables, wait for each other and are checked."""

from collections.abc import Iterator

from infra.policy.refused.read import Problem, each, nested, text
from infra.policy.template import Container, Properties, containers, dicts, number

_ENDING = ("COMPLETE", "SUCCESS")
_CHECK = {"Interval": (5, 300), "Timeout": (2, 60), "Retries": (1, 10), "StartPeriod": (0, 300)}


def secrets(template: Properties) -> Iterator[Problem]:
    """Yield each container that has a variable twice: as a secret, and as a value or a secret again."""
    for container in containers(template):
        names = [*container.variables, *container.secrets]
        twice = sorted({name for name in container.secrets if names.count(name) > 1})
        if twice:
            yield (
                container.logical_id,
                (
                    f"container '{container.name}' has {twice[0]} as a secret and once more: remove it from "
                    "its variables, or give it one secret"
                ),
            )


def order(template: Properties) -> Iterator[Problem]:
    """Yield each task whose containers wait for what cannot come, or of which none is essential."""
    for logical_id, task in each(template, "AWS::ECS::TaskDefinition"):
        every = [Container(logical_id, found) for found in dicts(task.get("ContainerDefinitions"))]
        named = {container.name: container for container in every}
        if every and all(container.definition.get("Essential") is False for container in every):
            yield logical_id, "none of its containers is Essential: a task needs one that keeps it running"
        for container in every:
            for wait in dicts(container.definition.get("DependsOn")):
                problem = _waits_in_vain(named, container, wait)
                if problem:
                    yield logical_id, f"container '{container.name}' waits for {problem}"
        waiting = {
            container.name: {
                text(wait.get("ContainerName")) for wait in dicts(container.definition.get("DependsOn"))
            }
            for container in every
        }
        # Take away those that wait for nobody; who is left waits in a circle.
        while free := [name for name, others in waiting.items() if not others & waiting.keys()]:
            for name in free:
                del waiting[name]
        if waiting:
            yield (
                logical_id,
                f"containers {', '.join(sorted(waiting))} wait for each other: take one DependsOn out",
            )


def _waits_in_vain(named: dict[str, Container], container: Container, wait: Properties) -> str | None:
    name, condition = text(wait.get("ContainerName")), text(wait.get("Condition"))
    if name is None or name == container.name:
        return None  # a reference, or a circle of one, which is found as a circle
    other = named.get(name)
    if other is None:
        return f"'{name}', which the task does not have: use one of {', '.join(sorted(named))}"
    if condition == "HEALTHY" and "HealthCheck" not in other.definition:
        return f"'{name}' to be HEALTHY, which has no HealthCheck: give it one, or wait for START"
    if condition in _ENDING and other.definition.get("Essential", True) is True:
        return f"'{name}' to end ({condition}), whose end would end the task: make it not Essential"
    return None


def checks(template: Properties) -> Iterator[Problem]:
    """Yield each health check of a container with numbers that ECS does not take."""
    for container in containers(template):
        for key, (low, high) in _CHECK.items():
            value = number(nested(container.definition, "HealthCheck", key))
            if value is not None and not low <= value <= high:
                yield (
                    container.logical_id,
                    f"HealthCheck.{key} of container '{container.name}' is {value}: use {low} to {high}",
                )
