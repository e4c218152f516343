"""Set up what containers of a task have in common: user, capabilities, /tmp, and the folder they share."""

from aws_cdk import aws_ecs as ecs
from constructs import Construct

USER_ID = 10001
# Here the app publishes its static files for the proxy, and the proxy tells the app that the task stops.
SHARED_FOLDER = "/srv/shared"
SHARED_VOLUME = "shared"


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


def mount_shared(container: ecs.ContainerDefinition) -> None:
    """Mount the folder that the app and its proxy share; the images declare it with VOLUME, as /tmp."""
    container.add_mount_points(
        ecs.MountPoint(container_path=SHARED_FOLDER, source_volume=SHARED_VOLUME, read_only=False)
    )
