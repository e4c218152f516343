"""WebService: the image, the task definition, the service and how it is deployed."""

from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledged import acknowledge
from infra.capacity import Capacity
from infra.containers import USER_ID, add_tmp, without_capabilities
from infra.log_groups import log_group
from infra.proxy import APP_PORT, Proxy
from infra.tasks import ProxyKind, Tasks
from infra.timeouts import Timeouts
from infra.tracing import add_collector

# Of the container that the load balancer talks to: the proxy's, or Gunicorn's where there is none.
CONTAINER_PORT = 8000
HEALTH_PATH = "/healthz"
# Eight 64 MB uploads at once peaked at 503 to 565 MB without a limit and at 55 MB with this one.
MAX_BODY_BYTES = 10 * 1024**2
# The same list as the Dockerfile's CMD; here too, so that a reviewer and `make run` see what runs.
COMMAND = ["gunicorn", "--config", "python:service.gunicorn_conf"]

_PLATFORMS = {"ARM64": ecr_assets.Platform.LINUX_ARM64, "X86_64": ecr_assets.Platform.LINUX_AMD64}
_ARCHITECTURES = {"ARM64": ecs.CpuArchitecture.ARM64, "X86_64": ecs.CpuArchitecture.X86_64}


class WebService(Construct):
    """A Fargate service that runs the image built from `source`, behind a proxy and `target_group`.

    Its environment variables are one half of a contract; `service/settings.py` is the other.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: Path,
        environment_name: str,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection,
        assign_public_ip: bool,
        target_group: elbv2.ApplicationTargetGroup,
        proxy_hops: int,
        tasks: Tasks,
        proxy: ProxyKind,
        timeouts: Timeouts,
        trace_percent: float,
        container_insights: bool,
        log_retention_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.image = ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=str(source),
            platform=_PLATFORMS[tasks.architecture],
            # OpenTelemetry's packages only where they are used.
            build_args={"REQUIREMENTS": "requirements-tracing.txt"} if trace_percent else None,
        )
        self.log_group = log_group(
            self, "Log", retention_days=log_retention_days, removal_policy=removal_policy
        )
        self.task_definition = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=tasks.cpu,
            memory_limit_mib=tasks.memory_mib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_ARCHITECTURES[tasks.architecture],
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
        )
        web = self._add_container(environment_name, proxy_hops, tasks, proxy, timeouts, trace_percent)
        if trace_percent:
            add_collector(self.task_definition, logging=self._logging("collector"))
        if proxy != "none":
            front = Proxy(
                self,
                "Proxy",
                kind=proxy,
                port=CONTAINER_PORT,
                task_definition=self.task_definition,
                platform=_PLATFORMS[tasks.architecture],
                logging=self._logging("proxy"),
                slots=tasks.gunicorn_workers * tasks.gunicorn_threads,
                max_body_bytes=MAX_BODY_BYTES,
                timeouts=timeouts,
            )
            # Started before it and, more to the point, stopped after it.
            front.container.add_container_dependencies(
                ecs.ContainerDependency(container=web, condition=ecs.ContainerDependencyCondition.START)
            )
            self.task_definition.default_container = front.container

        capacity = Capacity(self, "Capacity", vpc=vpc, tasks=tasks, container_insights=container_insights)
        self.cluster = capacity.cluster
        # No desired count: a deployment at peak must not shrink what the autoscaler has grown.
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=self.task_definition,
            capacity_provider_strategies=capacity.strategies,
            vpc_subnets=subnets,
            assign_public_ip=assign_public_ip,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            health_check_grace_period=Duration.seconds(timeouts.health_grace_s),
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self.service.node.add_dependency(capacity.providers)
        self.service.attach_to_application_target_group(target_group)

    def _logging(self, prefix: str) -> ecs.LogDriver:
        # A blocked log pipe must not stop requests: above 25 MiB the oldest lines are lost instead.
        return ecs.LogDrivers.aws_logs(
            stream_prefix=prefix,
            log_group=self.log_group,
            mode=ecs.AwsLogDriverMode.NON_BLOCKING,
            max_buffer_size=Size.mebibytes(25),
        )

    def _add_container(
        self,
        environment_name: str,
        proxy_hops: int,
        tasks: Tasks,
        proxy: ProxyKind,
        timeouts: Timeouts,
        trace_percent: float,
    ) -> ecs.ContainerDefinition:
        alone = proxy == "none"
        # The proxy is one hop more, the only one that may connect, and the lame duck of both.
        behind_proxy = {"HOST": "127.0.0.1", "PORT": str(APP_PORT), "LAME_DUCK_S": "0"}
        container = self.task_definition.add_container(
            "web",
            image=ecs.ContainerImage.from_docker_image_asset(self.image),
            command=COMMAND,
            environment={
                "ENVIRONMENT": environment_name,
                # The hash of what is in the image: it changes when, and only when, the service does.
                "VERSION": self.image.asset_hash[:12],
                "PORT": str(CONTAINER_PORT),
                "PROXY_HOPS": str(proxy_hops if alone else proxy_hops + 1),
                "MAX_CONTENT_LENGTH_BYTES": str(MAX_BODY_BYTES),
                "TRACE_PERCENT": str(trace_percent),
                "GUNICORN_WORKERS": str(tasks.gunicorn_workers),
                "GUNICORN_THREADS": str(tasks.gunicorn_threads),
                "GUNICORN_TIMEOUT_S": str(timeouts.gunicorn_timeout_s),
                "GUNICORN_GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
                "GUNICORN_KEEPALIVE_S": str(timeouts.gunicorn_keepalive_s),
                "LAME_DUCK_S": str(timeouts.lame_duck_s),
                **({} if alone else behind_proxy),
            },
            port_mappings=[ecs.PortMapping(container_port=CONTAINER_PORT)] if alone else [],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=without_capabilities(self),
            stop_timeout=Duration.seconds(timeouts.stop_timeout_s),
            logging=self._logging("web"),
        )
        add_tmp(self.task_definition, container, volume="tmp")
        acknowledge(
            self.task_definition,
            rule="AwsSolutions-IAM5[Resource::*]",
            reason="ecr:GetAuthorizationToken knows no resources; all else in the role names its own.",
        )
        acknowledge(
            self.task_definition,
            rule="AwsSolutions-ECS2",
            reason="These variables are settings for anybody to read; secrets come from Secrets Manager.",
        )
        return container
