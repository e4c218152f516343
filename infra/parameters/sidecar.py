"""Define a further container of each task."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters.model import Parameters, matching

ContainerName = Annotated[
    str, matching(r"[a-z][a-z0-9-]*", "lower-case letters, digits and '-', first a letter")
]
KIT_CONTAINERS = ("web", "proxy", "collector")


class Sidecar(Parameters):
    """A container that shares the task's network (127.0.0.1), CPU and memory with the service.

    Its root file system is read-only and it has no Linux capabilities, like the service's container.
    """

    name: ContainerName = Field(description="name of the container, such as statsd")
    image: str = Field(description="image, such as public.ecr.aws/x/statsd:1.2, best with a digest")
    command: tuple[str, ...] = Field(
        default=(), description="words of the command; by default the image's own"
    )
    variables: dict[str, str] = Field(
        default_factory=dict, description="environment variables of the container"
    )
    user: str = Field(default="10001", description="uid that the container runs as")
    memory_mib: int = Field(
        default=64, ge=6, description="memory limit; above it the container alone is killed"
    )
    writable_paths: tuple[str, ...] = Field(default=(), description="folders to write to, empty at the start")
    essential: bool = Field(
        default=False, description="end the task when the container ends; by default it is started again"
    )
    starts: Literal["before", "after"] = Field(
        default="before", description="start before or after the service; stop order is reversed"
    )
    health_command: tuple[str, ...] = Field(
        default=(), description="with starts='before', the service waits until this command succeeds"
    )

    @model_validator(mode="after")
    def _is_somebody_else(self) -> Self:
        if self.name in KIT_CONTAINERS:
            raise ValueError(
                f"name is '{self.name}', one of {', '.join(KIT_CONTAINERS)}, which the kit uses: "
                "choose another"
            )
        if self.health_command and self.starts == "after":
            raise ValueError(
                f"'{self.name}' has a health_command, and starts 'after', so nobody waits for it: "
                "remove it, or set starts to 'before'"
            )
        return self
