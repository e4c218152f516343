"""Add the team's containers to each task."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from infra.parameters import Sidecar
from infra.task.containers import without_capabilities


def add_sidecar(
    scope: Construct,
    sidecar: Sidecar,
    *,
    definition: ecs.FargateTaskDefinition,
    web: ecs.ContainerDefinition,
    logging: ecs.LogDriver,
    stop_timeout_s: int,
) -> ecs.ContainerDefinition:
    """Add a sidecar to the task, started before or after `web`; ECS stops containers in reverse order."""
    own = Construct(scope, f"Sidecar-{sidecar.name}")
    container = definition.add_container(
        sidecar.name,
        image=ecs.ContainerImage.from_registry(sidecar.image),
        command=list(sidecar.command) or None,
        environment=sidecar.variables,
        user=sidecar.user,
        memory_limit_mib=sidecar.memory_mib,
        essential=sidecar.essential,
        # The task need not end with its sidecar: ECS starts the container again, at most every five minutes.
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
        enable_restart_policy=None if sidecar.essential else True,
        readonly_root_filesystem=True,
        linux_parameters=without_capabilities(own),
        stop_timeout=Duration.seconds(stop_timeout_s),
        health_check=_health_check(sidecar.health_command),
        logging=logging,
    )
    for number, path in enumerate(sidecar.writable_paths):
        volume = f"{sidecar.name}-{number}"
        definition.add_volume(name=volume)
        container.add_mount_points(ecs.MountPoint(container_path=path, source_volume=volume, read_only=False))
    condition = ecs.ContainerDependencyCondition
    if sidecar.starts == "before":
        web.add_container_dependencies(
            ecs.ContainerDependency(
                container=container,
                condition=condition.HEALTHY if sidecar.health_command else condition.START,
            )
        )
    else:
        container.add_container_dependencies(
            ecs.ContainerDependency(container=web, condition=condition.START)
        )
    return container


def _health_check(command: Sequence[str]) -> ecs.HealthCheck | None:
    if not command:
        return None
    return ecs.HealthCheck(
        command=["CMD", *command],
        interval=Duration.seconds(5),
        timeout=Duration.seconds(3),
        retries=3,
        start_period=Duration.seconds(30),
    )
