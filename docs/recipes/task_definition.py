"""Task definition: set what no parameter sets in the service's own task, from labels to any raw property.

For an entry point of your own, an agent that reads Docker labels, more open files, or a property that is
newer than the CDK. Not for variables, sidecars, size, disk or image, which are parameters. Not for the port
or the stop timeout: the load balancer and the other timeouts follow from these.

    if stack.parameters.name == "prod":
        override(stack, "web", EntryPoint=["/opt/agent/wrap"])
        override_task(stack, "PidMode", "task")
        check_health(stack)
        restart_in_place(stack, container="proxy")
        stack.task.web.add_ulimits(ecs.Ulimit(name=ecs.UlimitName.NOFILE, soft_limit=65535, hard_limit=65535))
        stack.task.web.add_docker_label("com.example.team", "shop")

Properties have CloudFormation's names, and the synth refuses a name that CloudFormation does not know. A
list replaces the list that was there, a mapping is merged, and None removes the property. Fargate accepts
no ulimit but NOFILE.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-taskdefinition-containerdefinition.html
"""

from typing import Any, cast

from aws_cdk import aws_ecs as ecs

from infra.stack import WebStack
from infra.task import APP_PORT

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
_SHORTEST_RUN_S, _LONGEST_RUN_S = 60, 1800


def override(stack: WebStack, container: str, **properties: Any) -> None:
    """Set properties of a container, over any other value; raises ValueError for an unknown container."""
    # Read from the construct tree: once asked, the L1 keeps its list without containers that come later.
    children = stack.task.definition.node.children
    names = [each.container_name for each in children if isinstance(each, ecs.ContainerDefinition)]
    if container not in names:
        raise ValueError(f"there is no container '{container}': choose one of {', '.join(names)}")
    for name, value in properties.items():
        override_task(stack, f"ContainerDefinitions.{names.index(container)}.{name}", value)


def override_task(stack: WebStack, path: str, value: Any) -> None:
    """Set a property of the task definition; the path has dots between its parts, and counts lists from 0."""
    # Set through the L1, which accepts properties that the CDK does not know yet.
    definition = cast("ecs.CfnTaskDefinition", stack.task.definition.node.default_child)
    if value is None:
        definition.add_property_deletion_override(path)
    else:
        definition.add_property_override(path, value)


def check_health(stack: WebStack, *, interval_s: int = 30, timeout_s: int = 5, retries: int = 3) -> None:
    """Let ECS ask Gunicorn directly, past proxy and load balancer, and replace a task without a 2xx.

    The load balancer's health check already replaces tasks that it cannot reach. Each of these checks
    starts a Python interpreter, about 50 ms of CPU.
    """
    environment = stack.parameters
    url = f"http://127.0.0.1:{APP_PORT}{environment.health_check.path}"
    override(
        stack,
        stack.task.web.container_name,
        HealthCheck={
            "Command": ["CMD", "python", "-c", _asks(url, timeout_s=timeout_s - 1)],
            "Interval": interval_s,
            "Timeout": timeout_s,
            "Retries": retries,
            "StartPeriod": environment.health_check.grace_s,
        },
    )


def restart_in_place(stack: WebStack, *, container: str, ran_s: int = 300) -> None:
    """Restart a container that ended, instead of the whole task, unless it ran for less than `ran_s`.

    The task's share of requests gets 502 meanwhile, whereas a new task would get none before it is healthy.
    Raises ValueError for a time that ECS does not take.
    """
    if not _SHORTEST_RUN_S <= ran_s <= _LONGEST_RUN_S:
        raise ValueError(f"ran_s is {ran_s}: ECS takes {_SHORTEST_RUN_S} to {_LONGEST_RUN_S}")
    override(stack, container, RestartPolicy={"Enabled": True, "RestartAttemptPeriod": ran_s})


def _asks(url: str, *, timeout_s: int) -> str:
    # `urlopen` raises unless it gets 2xx.
    return f"import urllib.request as r; r.urlopen('{url}', timeout={timeout_s})"
