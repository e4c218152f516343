"""Sidecar: a container that runs beside the service in each task."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters.model import Parameters, matching

ContainerName = Annotated[
    str, matching(r"[a-z][a-z0-9-]*", "lower-case letters, digits and '-', first a letter")
]
KIT_CONTAINERS = ("web", "proxy", "collector")


class Sidecar(Parameters):
    """A container that shares the task's network (127.0.0.1), CPU and memory with the service.

    Its root is read-only and it has no Linux capabilities, as the service's own.
    """

    name: ContainerName = Field(description="such as statsd")
    image: str = Field(description="such as public.ecr.aws/x/statsd:1.2, best with a digest")
    command: tuple[str, ...] = Field(default=(), description="instead of the image's own")
    variables: dict[str, str] = Field(default_factory=dict, description="its environment")
    user: str = Field(default="10001", description="uid that it runs as")
    memory_mib: int = Field(default=64, ge=6, description="at which it is killed, alone")
    writable_paths: tuple[str, ...] = Field(default=(), description="empty folders that it may write to")
    essential: bool = Field(default=False, description="its end ends the task; else it is started again")
    starts: Literal["before", "after"] = Field(
        default="before", description="the service, which is stopped in the reverse order"
    )
    health_command: tuple[str, ...] = Field(
        default=(), description="with `before`, the service waits until it succeeds"
    )

    @model_validator(mode="after")
    def _is_somebody_else(self) -> Self:
        if self.name in KIT_CONTAINERS:
            raise ValueError(
                f"name is '{self.name}', one of {', '.join(KIT_CONTAINERS)}, which are there: choose another"
            )
        if self.health_command and self.starts == "after":
            raise ValueError(
                f"'{self.name}' has a health_command, and starts 'after', so nobody waits for it: "
                "remove it, or set starts to 'before'"
            )
        return self
