"""Check task definitions and services of ECS, and functions of Lambda."""

from collections.abc import Iterator

from infra.parameters import FARGATE_MAX_STOP_TIMEOUT_S, FARGATE_MEMORY_MIB
from infra.policy.refused.read import Problem, each, listed, nested, text, written
from infra.policy.template import Properties, dicts, number

_TASK, _SERVICE = "AWS::ECS::TaskDefinition", "AWS::ECS::Service"
_LARGEST_TASK_DEFINITION, _LARGEST_VARIABLES = 65_536, 4_096
_ALL_PERCENT = 100
_MOST_CONTAINERS, _MOST_SECURITY_GROUPS, _MOST_SUBNETS = 10, 5, 16


def sizes(template: Properties) -> Iterator[Problem]:
    """Yield each Fargate task of a size that Fargate does not offer."""
    for name, task in each(template, _TASK):
        cpu, memory = number(task.get("Cpu")), number(task.get("Memory"))
        if "FARGATE" not in listed(task.get("RequiresCompatibilities")) or cpu is None or memory is None:
            continue
        offered = FARGATE_MEMORY_MIB.get(cpu)
        if offered is None:
            yield name, f"Fargate has no tasks with Cpu {cpu}: use {', '.join(map(str, FARGATE_MEMORY_MIB))}"
        elif memory not in offered:
            yield (
                name,
                f"Fargate does not offer Memory {memory} with Cpu {cpu}: use {', '.join(map(str, offered))}",
            )


def definitions(template: Properties) -> Iterator[Problem]:
    """Yield each task definition that ECS does not register: too large, ports or names given twice."""
    for name, task in each(template, _TASK):
        containers = dicts(task.get("ContainerDefinitions"))
        length = len(written(task))
        if length > _LARGEST_TASK_DEFINITION:
            yield (
                name,
                (
                    f"it has about {length} bytes, ECS takes {_LARGEST_TASK_DEFINITION}: move "
                    "large variables into a file in S3 (environmentFiles) or into a parameter"
                ),
            )
        if len(containers) > _MOST_CONTAINERS:
            yield name, f"it has {len(containers)} containers, and a task takes {_MOST_CONTAINERS}: use fewer"
        yield from _twice(name, [text(each_one.get("Name")) or "" for each_one in containers], "container")
        if task.get("NetworkMode") == "awsvpc":
            ports = [
                f"{port.get('ContainerPort')}/{port.get('Protocol', 'tcp')}"
                for container in containers
                for port in dicts(container.get("PortMappings"))
            ]
            yield from _twice(name, ports, "port")
        for container in containers:
            stop_s = number(container.get("StopTimeout"))
            fargate = "FARGATE" in listed(task.get("RequiresCompatibilities"))
            if fargate and stop_s is not None and stop_s > FARGATE_MAX_STOP_TIMEOUT_S:
                yield (
                    name,
                    f"StopTimeout is {stop_s} s: use {FARGATE_MAX_STOP_TIMEOUT_S}, Fargate's most, or less",
                )


def _twice(name: str, given: list[str], what: str) -> Iterator[Problem]:
    twice = sorted({value for value in given if value and given.count(value) > 1})
    if twice:
        yield name, f"{what} {twice[0]} is given twice in one task: give each of its containers its own"


def services(template: Properties) -> Iterator[Problem]:
    """Yield each service with more groups, subnets or bases than ECS takes."""
    for name, service in each(template, _SERVICE):
        network = nested(service, "NetworkConfiguration", "AwsvpcConfiguration")
        for key, most in (("SecurityGroups", _MOST_SECURITY_GROUPS), ("Subnets", _MOST_SUBNETS)):
            count = len(listed(nested(network, key)))
            if count > most:
                yield name, f"it has {count} {key}, and a task takes {most}: use fewer"
        bases = [number(each_one.get("Base")) for each_one in dicts(service.get("CapacityProviderStrategy"))]
        if sum(bool(base) for base in bases) > 1:
            yield name, "two capacity providers have a Base, and one may: leave one Base"
        least, most_percent = (
            number(nested(service, "DeploymentConfiguration", key))
            for key in ("MinimumHealthyPercent", "MaximumPercent")
        )
        if least == most_percent == _ALL_PERCENT:
            yield (
                name,
                (
                    "MinimumHealthyPercent and MaximumPercent are 100, so that no deployment could replace a "
                    "task: raise MaximumPercent, such as to 200"
                ),
            )
        grace_s = number(service.get("HealthCheckGracePeriodSeconds"))
        if grace_s and "LoadBalancers" not in service:
            yield name, "HealthCheckGracePeriodSeconds is for services with LoadBalancers: remove it"


def functions(template: Properties) -> Iterator[Problem]:
    """Yield each Lambda function with more time, memory or variables than Lambda gives."""
    for name, function in each(template, "AWS::Lambda::Function"):
        for key, low, high in (("Timeout", 1, 900), ("MemorySize", 128, 10_240)):
            value = number(function.get(key))
            if value is not None and not low <= value <= high:
                yield name, f"{key} is {value}: use {low} to {high}"
        length = len(written(nested(function, "Environment", "Variables") or {}))
        if length > _LARGEST_VARIABLES:
            yield (
                name,
                f"its variables have {length} bytes, and Lambda takes {_LARGEST_VARIABLES}: use a parameter",
            )
