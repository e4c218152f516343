"""Task: the image, and the task definition that runs it behind its proxy."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.log_groups import log_group
from infra.parameters import SET_BY_INFRA, Image, ProxyKind, Sidecar, Tasks, Timeouts
from infra.task.collector import add_collector
from infra.task.containers import USER_ID, add_tmp, without_capabilities
from infra.task.image import ServiceImage
from infra.task.proxy import Proxy
from infra.task.sidecars import add_sidecar
from infra.task.variables import (
    MAX_BODY_BYTES,
    service_variables,
    variables_behind_proxy,
    variables_without_proxy,
)

# The same list as the Dockerfile's CMD; here too, so that a reviewer and `make run` see what runs.
COMMAND = ["gunicorn", "--config", "python:service.gunicorn_conf"]

_PLATFORMS = {"ARM64": ecr_assets.Platform.LINUX_ARM64, "X86_64": ecr_assets.Platform.LINUX_AMD64}
_ARCHITECTURES = {"ARM64": ecs.CpuArchitecture.ARM64, "X86_64": ecs.CpuArchitecture.X86_64}


def task_port(*, tls: bool) -> int:
    """Where the load balancer finds a task; ports below 1024 are not for uid 10001."""
    return 8443 if tls else 8000


class Task(Construct):
    """A task definition with the image built from `source` and, unless it is "none", a proxy before it.

    `web` is the container of Gunicorn, `front` the one that the load balancer talks to;
    `app_containers` are all that run the service's image.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: Path,
        image: Image,
        environment_name: str,
        proxy_hops: int,
        tls: bool,
        tasks: Tasks,
        proxy: ProxyKind,
        sidecars: Sequence[Sidecar],
        timeouts: Timeouts,
        variables: Mapping[str, str],
        secrets: Mapping[str, ecs.Secret],
        trace_percent: float,
        log_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        """`proxy_hops` counts the proxies before the task; the attribute, all that the service counts."""
        super().__init__(scope, id)
        self.proxy_hops = proxy_hops if proxy == "none" else proxy_hops + 1
        platform = _PLATFORMS[tasks.architecture]
        self.image = ServiceImage(
            self,
            "Image",
            choice=image,
            source=source,
            platform=platform,
            # OpenTelemetry's packages only where they are used.
            build_args={"REQUIREMENTS": "requirements-tracing.txt"} if trace_percent else {},
        )
        self.log_group = log_group(self, "Log", log_days=log_days, removal_policy=removal_policy)
        self.app_containers: list[ecs.ContainerDefinition] = []
        self._tasks, self._secrets, self._stop_timeout_s = tasks, secrets, timeouts.stop_timeout_s
        self.definition = self._definition("Definition")
        port = task_port(tls=tls)
        self._variables = {
            **variables,
            **service_variables(
                environment_name=environment_name,
                version=self.image.version,
                proxy_hops=self.proxy_hops,
                trace_percent=trace_percent,
                tasks=tasks,
                timeouts=timeouts,
            ),
        }
        if proxy == "none":
            self._variables |= variables_without_proxy(port=port, tls=tls, timeouts=timeouts)
            self.web = self.front = self._add_app(self.definition, "web", COMMAND, port=port)
        else:
            self._variables |= variables_behind_proxy()
            self.web = self._add_app(self.definition, "web", COMMAND)
            self.front = Proxy(
                self,
                "Proxy",
                kind=proxy,
                port=port,
                tls=tls,
                task_definition=self.definition,
                platform=platform,
                logging=self._logging("proxy"),
                slots=tasks.gunicorn_workers * tasks.gunicorn_threads,
                max_body_bytes=MAX_BODY_BYTES,
                timeouts=timeouts,
            ).container
            # Started before it and, more to the point, stopped after it.
            self.front.add_container_dependencies(
                ecs.ContainerDependency(container=self.web, condition=ecs.ContainerDependencyCondition.START)
            )
            self.definition.default_container = self.front
        for sidecar in sidecars:
            add_sidecar(
                self,
                sidecar,
                definition=self.definition,
                web=self.web,
                logging=self._logging(sidecar.name),
                stop_timeout_s=timeouts.stop_timeout_s,
            )
        if trace_percent:
            add_collector(self.definition, logging=self._logging("collector"))
        acknowledge(
            self.definition,
            rule="AwsSolutions-IAM5[Resource::*]",
            reason="ecr:GetAuthorizationToken knows no resources; all else in the role names its own.",
        )

    def add_variable(self, name: str, value: str) -> None:
        """Give every container of the app one more environment variable, such as a queue's URL.

        Raises ValueError for a name that is set already.
        """
        if name in self._variables or name in self._secrets or SET_BY_INFRA.fullmatch(name):
            raise ValueError(f"{name} is set already: give the variable another name")
        self._variables[name] = value
        for container in self.app_containers:
            container.add_environment(name, value)

    def one_off_definition(self, id: str, *, name: str, command: Sequence[str]) -> ecs.FargateTaskDefinition:
        """A task definition that runs `command` as the service's container would: its image, roles, settings.

        Its only container and the prefix of its log are called `name`.
        """
        definition = self._definition(
            id, task_role=self.definition.task_role, execution_role=self.definition.obtain_execution_role()
        )
        self._add_app(definition, name, command)
        return definition

    def _definition(
        self, id: str, *, task_role: iam.IRole | None = None, execution_role: iam.IRole | None = None
    ) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(
            self,
            id,
            cpu=self._tasks.cpu,
            memory_limit_mib=self._tasks.memory_mib,
            ephemeral_storage_gib=self._tasks.ephemeral_storage_gib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_ARCHITECTURES[self._tasks.architecture],
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=task_role,
            execution_role=execution_role,
        )
        acknowledge(
            definition,
            rule="AwsSolutions-ECS2",
            reason="These variables are settings for anybody to read; secrets come by reference.",
        )
        return definition

    def _logging(self, prefix: str) -> ecs.LogDriver:
        # A blocked log pipe must not stop requests: above 25 MiB the oldest lines are lost instead.
        return ecs.LogDrivers.aws_logs(
            stream_prefix=prefix,
            log_group=self.log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
            max_buffer_size=Size.mebibytes(25),
        )

    def _add_app(
        self,
        definition: ecs.FargateTaskDefinition,
        name: str,
        command: Sequence[str],
        *,
        port: int | None = None,
    ) -> ecs.ContainerDefinition:
        container = definition.add_container(
            name,
            image=self.image.image,
            command=list(command),
            environment=self._variables,
            secrets=dict(self._secrets),
            # A name, by which Service Connect finds it.
            port_mappings=[ecs.PortMapping(name="web", container_port=port)] if port else [],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(definition),
            stop_timeout=Duration.seconds(self._stop_timeout_s),
            logging=self._logging(name),
        )
        add_tmp(definition, container, volume="tmp")
        self.app_containers.append(container)
        return container
