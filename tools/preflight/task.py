"""Read a task, and what its load balancer and service expect of it, from a synthesised template."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.assembly import Properties, Template, artifacts, of_type, templates, web_service

# Stands for values that a template knows only after the deployment, such as the ARN of a topic.
UNKNOWN = "known-after-the-deployment"
# ECS's own; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
STOP_TIMEOUT_S = 30


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container definition. `mounts` are path and volume; `after`, name and condition, its dependsOn."""

    name: str
    image: str
    command: tuple[str, ...]
    entry_point: tuple[str, ...]
    variables: dict[str, str]
    secrets: tuple[str, ...]
    user: str
    read_only: bool
    dropped: tuple[str, ...]
    init: bool
    mounts: tuple[tuple[str, str], ...]
    stop_timeout_s: int
    memory_mib: int | None
    after: tuple[tuple[str, str], ...]
    health_command: tuple[str, ...]

    def number(self, variable: str, default: int) -> int:
        """Return a variable that is a whole number, or the default."""
        value = self.variables.get(variable, "")
        return int(value) if value.isdigit() else default


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a place does with its tasks; these are Fargate's.

    `keeper` starts and ends them. With `together` all containers get SIGTERM at once, and SIGKILL `stop_s`
    later. A task is `confined` where its root file system is read-only and its capabilities are dropped.
    """

    place: str = "Fargate"
    keeper: str = "ECS"
    together: bool = False
    stop_s: int = 0
    confined: bool = True
    files_are_memory: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task of an environment; `containers` in their order of start, `front` the one that is asked."""

    environment: str
    containers: tuple[Container, ...]
    front: Container
    port: int
    tls: bool
    health_path: str
    health_codes: str
    health_timeout_s: int
    unhealthy_count: int
    grace_s: int
    idle_s: int
    cpu: float
    memory_mib: int
    architecture: str
    rules: Rules = Rules()
    # Folder and build arguments of images that no synth has as assets, by container.
    sources: Mapping[str, tuple[Path, dict[str, str]]] = field(default_factory=dict)

    @property
    def web(self) -> Container:
        """Return the container of the service."""
        return next(each for each in self.containers if each.name == "web")

    @property
    def app_port(self) -> int:
        """Return the port on which the app answers the proxy."""
        return self.web.number("PORT", self.port)

    @property
    def slots(self) -> int:
        """Return the number of requests that the task serves at once."""
        return self.web.number("GUNICORN_WORKERS", 2) * self.web.number("GUNICORN_THREADS", 4)


def read_task(environment: str, assembly: Path) -> Task:
    """Return the task of an environment; exit with one line if there was no synth."""
    template = templates(assembly)[environment]
    running = web_service(template)
    definition, service = running.task, running.properties
    attached = service["LoadBalancers"][0]
    group = template["Resources"][attached["TargetGroupArn"]["Ref"]]["Properties"]
    containers = tuple(_in_order([_container(each) for each in definition["ContainerDefinitions"]]))
    architecture = definition.get("RuntimePlatform", {}).get("CpuArchitecture", "X86_64")
    return Task(
        environment=environment,
        containers=containers,
        front=next(each for each in containers if each.name == attached["ContainerName"]),
        port=int(attached["ContainerPort"]),
        tls=group["Protocol"] == "HTTPS",
        health_path=group.get("HealthCheckPath", "/"),
        health_codes=group.get("Matcher", {}).get("HttpCode", "200"),
        health_timeout_s=int(group.get("HealthCheckTimeoutSeconds", 5)),
        unhealthy_count=int(group.get("UnhealthyThresholdCount", 2)),
        grace_s=int(service.get("HealthCheckGracePeriodSeconds", 0)),
        idle_s=_idle_s(template),
        cpu=int(definition["Cpu"]) / 1024,
        memory_mib=int(definition["Memory"]),
        architecture="arm64" if architecture == "ARM64" else "amd64",
    )


def source_of(container: Container, environment: str, assembly: Path) -> tuple[Path, dict[str, str]] | None:
    """Return the folder and build arguments of a container's image asset; None if it is no asset."""
    stem = artifacts(assembly)[environment]["templateFile"].removesuffix(".template.json")
    assets = json.loads((assembly / f"{stem}.assets.json").read_text()).get("dockerImages", {})
    asset = assets.get(container.image.rpartition(":")[2])
    if not asset:
        return None
    source = asset["source"]
    return assembly / source["directory"], source.get("dockerBuildArgs", {})


def _container(definition: Properties) -> Container:
    linux = definition.get("LinuxParameters", {})
    return Container(
        name=definition["Name"],
        image=_text(definition["Image"]),
        command=tuple(definition.get("Command", [])),
        entry_point=tuple(definition.get("EntryPoint", [])),
        variables={pair["Name"]: _text(pair["Value"]) for pair in definition.get("Environment", [])},
        secrets=tuple(pair["Name"] for pair in definition.get("Secrets", [])),
        user=definition.get("User", ""),
        read_only=definition.get("ReadonlyRootFilesystem", False),
        dropped=tuple(linux.get("Capabilities", {}).get("Drop", [])),
        init=linux.get("InitProcessEnabled", False),
        mounts=tuple(
            (mount["ContainerPath"], mount["SourceVolume"]) for mount in definition.get("MountPoints", [])
        ),
        stop_timeout_s=int(definition.get("StopTimeout", STOP_TIMEOUT_S)),
        memory_mib=definition.get("Memory"),
        after=tuple(
            (each["ContainerName"], each.get("Condition", "START"))
            for each in definition.get("DependsOn", [])
        ),
        health_command=tuple(definition.get("HealthCheck", {}).get("Command", [])),
    )


def _in_order(containers: list[Container]) -> Iterator[Container]:
    """Yield each container after those it depends on."""
    started: set[str] = set()
    while containers:
        ready = next(each for each in containers if {name for name, _ in each.after} <= started)
        containers.remove(ready)
        started.add(ready.name)
        yield ready


def _idle_s(template: Template) -> int:
    for balancer in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        for pair in balancer.get("LoadBalancerAttributes", []):
            if pair["Key"] == "idle_timeout.timeout_seconds":
                return int(pair["Value"])
    return 60  # the default; the load balancer of another stack is not known here


def _text(value: Any) -> str:
    """Return a value, or UNKNOWN for one that CloudFormation puts in."""
    if isinstance(value, str):
        return value
    given = value.get("Fn::Sub")
    return given if isinstance(given, str) else UNKNOWN
