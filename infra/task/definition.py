"""Create task definitions: their size, CPU architecture, roles and log."""

from aws_cdk import Size
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.parameters import Tasks

_ARCHITECTURES = {"ARM64": ecs.CpuArchitecture.ARM64, "X86_64": ecs.CpuArchitecture.X86_64}


def task_definition(
    scope: Construct,
    id: str,
    *,
    tasks: Tasks,
    task_role: iam.IRole | None = None,
    execution_role: iam.IRole | None = None,
) -> ecs.FargateTaskDefinition:
    """Create a task definition without containers; roles that are not given are created with it."""
    definition = ecs.FargateTaskDefinition(
        scope,
        id,
        cpu=tasks.cpu,
        memory_limit_mib=tasks.memory_mib,
        ephemeral_storage_gib=tasks.ephemeral_storage_gib,
        runtime_platform=ecs.RuntimePlatform(
            cpu_architecture=_ARCHITECTURES[tasks.architecture],
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


def logging_to(log_group: logs.ILogGroup, *, prefix: str) -> ecs.LogDriver:
    """Write a container's lines to streams of the group whose names begin with `prefix`.

    Without blocking: a log pipe that is stuck must not stop requests. Up to 25 MiB wait in memory, then the
    oldest lines are lost.
    """
    return ecs.LogDrivers.aws_logs(
        stream_prefix=prefix,
        log_group=log_group,
        mode=ecs.AwsLogDriverMode.NON_BLOCKING,
        max_buffer_size=Size.mebibytes(25),
    )
