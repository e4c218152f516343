"""Set up what containers of a task share: a user, no Linux capabilities, and /tmp to write to."""

from aws_cdk import aws_ecs as ecs
from constructs import Construct

USER_ID = 10001


def without_capabilities(scope: Construct) -> ecs.LinuxParameters:
    """Return parameters without any Linux capability, with an init process that passes signals on."""
    linux = ecs.LinuxParameters(scope, "Linux", init_process_enabled=True)
    linux.drop_capabilities(ecs.Capability.ALL)
    return linux


def add_tmp(task_definition: ecs.TaskDefinition, container: ecs.ContainerDefinition, *, volume: str) -> None:
    """Mount a volume at /tmp, the only folder that a container with a read-only root can write to."""
    # The volume takes the mode of the image's /tmp, because the Dockerfile declares it with VOLUME.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
    task_definition.add_volume(name=volume)
    container.add_mount_points(
        ecs.MountPoint(container_path="/tmp", source_volume=volume, read_only=False)  # noqa: S108 (the task's)
    )
