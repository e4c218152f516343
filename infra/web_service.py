"""WebService: the image, the task definition, the service and how it is deployed."""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from infra.acknowledged import acknowledge
from infra.capacity import Capacity
from infra.log_groups import log_group
from infra.network import Network
from infra.tasks import Tasks
from infra.timeouts import Timeouts

USER_ID = 10001
# The same list as the Dockerfile's CMD; here too, so that a reviewer and `make run` see what runs.
COMMAND = ["gunicorn", "--config", "python:service.gunicorn_conf"]

_PLATFORMS = {"ARM64": ecr_assets.Platform.LINUX_ARM64, "X86_64": ecr_assets.Platform.LINUX_AMD64}
_ARCHITECTURES = {"ARM64": ecs.CpuArchitecture.ARM64, "X86_64": ecs.CpuArchitecture.X86_64}


def container_port(*, tls: bool) -> int:
    """Where Gunicorn listens; ports below 1024 are not for uid 10001."""
    return 8443 if tls else 8000


class WebService(Construct):
    """A Fargate service that runs the image built from `source`, behind `target_group`.

    Its environment variables are one half of a contract; `service/settings.py` is the other.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: Path,
        environment_name: str,
        network: Network,
        target_group: elbv2.ApplicationTargetGroup,
        proxy_hops: int,
        tls: bool,
        tasks: Tasks,
        timeouts: Timeouts,
        health_grace_s: int,
        container_insights: bool,
        log_retention_days: int,
        removal_policy: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id)
        self.image = ecr_assets.DockerImageAsset(
            self, "Image", directory=str(source), platform=_PLATFORMS[tasks.architecture]
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
        self._add_container(environment_name, proxy_hops, tasks, timeouts, tls=tls)

        capacity = Capacity(
            self, "Capacity", vpc=network.vpc, tasks=tasks, container_insights=container_insights
        )
        self.cluster = capacity.cluster
        own_group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=network.vpc,
            allow_all_outbound=True,
            allow_all_ipv6_outbound=network.dual_stack,
            description="The tasks: reached by the load balancer alone",
        )
        # No desired count: a deployment at peak must not shrink what the autoscaler has grown.
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=self.task_definition,
            capacity_provider_strategies=capacity.strategies,
            vpc_subnets=network.task_subnets,
            assign_public_ip=network.tasks_need_public_ips,
            security_groups=[own_group],
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            health_check_grace_period=Duration.seconds(health_grace_s),
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        self._join(network.task_security_group_ids)
        self.service.node.add_dependency(capacity.providers)
        self.service.attach_to_application_target_group(target_group)

    def _join(self, security_group_ids: Sequence[str]) -> None:
        # As L1: among the L2's groups, the load balancer would be let out to every member of theirs.
        service = self.service.node.default_child
        for place, group_id in enumerate(security_group_ids, start=1):
            if isinstance(service, ecs.CfnService):
                service.add_property_override(
                    f"NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.{place}", group_id
                )

    def _add_container(
        self, environment_name: str, proxy_hops: int, tasks: Tasks, timeouts: Timeouts, *, tls: bool
    ) -> None:
        port = container_port(tls=tls)
        linux = ecs.LinuxParameters(self, "Linux", init_process_enabled=True)
        linux.drop_capabilities(ecs.Capability.ALL)
        container = self.task_definition.add_container(
            "web",
            image=ecs.ContainerImage.from_docker_image_asset(self.image),
            command=COMMAND,
            environment={
                "ENVIRONMENT": environment_name,
                # The hash of what is in the image: it changes when, and only when, the service does.
                "VERSION": self.image.asset_hash[:12],
                "PORT": str(port),
                **({"TLS_TO_TASKS": "1"} if tls else {}),
                "PROXY_HOPS": str(proxy_hops),
                "GUNICORN_WORKERS": str(tasks.gunicorn_workers),
                "GUNICORN_THREADS": str(tasks.gunicorn_threads),
                "GUNICORN_TIMEOUT_S": str(timeouts.gunicorn_timeout_s),
                "GUNICORN_GRACEFUL_TIMEOUT_S": str(timeouts.gunicorn_graceful_timeout_s),
                "GUNICORN_KEEPALIVE_S": str(timeouts.gunicorn_keepalive_s),
            },
            # A name, by which Service Connect finds it.
            port_mappings=[ecs.PortMapping(name="web", container_port=port)],
            user=str(USER_ID),
            readonly_root_filesystem=True,
            linux_parameters=linux,
            stop_timeout=Duration.seconds(timeouts.stop_timeout_s),
            # A blocked log pipe must not stop requests: above 25 MiB the oldest lines are lost instead.
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="web",
                log_group=self.log_group,
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=Size.mebibytes(25),
            ),
        )
        # The only place to write. Its mode comes from the image, where the Dockerfile declares it a volume.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
        self.task_definition.add_volume(name="tmp")
        container.add_mount_points(
            ecs.MountPoint(container_path="/tmp", source_volume="tmp", read_only=False)  # noqa: S108
        )
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
