"""What every container of a task has in common: a user, no capabilities, and one place to write."""

from aws_cdk import aws_ecs as ecs
from constructs import Construct

USER_ID = 10001


def without_capabilities(scope: Construct) -> ecs.LinuxParameters:
    """An init process that passes signals on and reaps orphans, and no Linux capability."""
    linux = ecs.LinuxParameters(scope, "Linux", init_process_enabled=True)
    linux.drop_capabilities(ecs.Capability.ALL)
    return linux


def add_tmp(task_definition: ecs.TaskDefinition, container: ecs.ContainerDefinition, *, volume: str) -> None:
    """Give a container with a read-only root its only place to write, /tmp."""
    # Its mode comes from the image, where the Dockerfile declares it a volume.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
    task_definition.add_volume(name=volume)
    container.add_mount_points(
        ecs.MountPoint(container_path="/tmp", source_volume=volume, read_only=False)  # noqa: S108 (the task's)
    )
