"""Tasks: how many, how large, and how many Gunicorn workers and threads fit into one."""

from typing import Literal, Self

from pydantic import Field, model_validator

from infra.parameters.model import Parameters

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html (task size)
FARGATE_MEMORY_MIB: dict[int, list[int]] = {
    256: [512, 1024, 2048],
    512: list(range(1024, 4096 + 1, 1024)),
    1024: list(range(2048, 8192 + 1, 1024)),
    2048: list(range(4096, 16384 + 1, 1024)),
    4096: list(range(8192, 30720 + 1, 1024)),
    8192: list(range(16384, 61440 + 1, 4096)),
    16384: list(range(32768, 122880 + 1, 8192)),
}

ProxyKind = Literal["nginx", "apache", "none"]
# What each takes at its worst, with 500 slow clients: benchmarks/slow_clients.py.
PROXY_MIB: dict[ProxyKind, int] = {"nginx": 32, "apache": 128, "none": 0}
# Of the container that sends traces on.
COLLECTOR_MIB = 100
# Gunicorn's own process, 31 MiB in the image, and what the kernel and the init process take.
GUNICORN_MIB = 64
# A thread reading a body of the largest allowed size, 10 MiB: eight such uploads at once peak at 55 MB.
# One that parses all of it as JSON takes 52 MiB: docs/policies.md.
THREAD_MIB = 8


class Tasks(Parameters):
    """Number, size and kind of the service's tasks."""

    min: int = Field(default=2, ge=1, le=1000, description="fewest tasks")
    max: int = Field(default=10, ge=1, le=1000, description="most tasks")
    cpu: int = Field(default=512, description="CPU units of a task; 1024 are one vCPU")
    memory_mib: int = Field(default=1024, description="of a task; each cpu has its sizes")
    architecture: Literal["ARM64", "X86_64"] = Field(
        default="ARM64", description="of the image and the task; ARM64 is about 20 % cheaper"
    )
    spot: Literal["never", "above_min", "always"] = Field(
        default="never", description="tasks that are cheaper and taken back at two minutes' notice"
    )
    workers: int | None = Field(
        default=None, ge=1, description="of Gunicorn; else 2 up to one vCPU, then 2 per vCPU"
    )
    threads: int | None = Field(default=None, ge=1, description="per worker; else 16, 8 below half a vCPU")
    ephemeral_storage_gib: int | None = Field(
        default=None, ge=21, le=200, description="disk of a task, 21 to 200; by default 20, which are free"
    )
    worker_mib: int = Field(default=100, ge=16, description="memory of one idle worker of your app")

    @property
    def gunicorn_workers(self) -> int:
        """At least two, so that one crash is not an outage; more only where CPUs can run them.

        Measured under CPU quotas: at one vCPU a third worker gains nothing, at two vCPUs four gain 1.9 times.
        """
        return self.workers or max(2, 2 * self.cpu // 1024)

    @property
    def gunicorn_threads(self) -> int:
        """Measured under CPU quotas: 16 serve best from half a vCPU on; below, more than 8 get slower."""
        return self.threads or (16 if self.cpu >= 512 else 8)

    @property
    def needed_mib(self) -> int:
        """Memory when every thread of every worker is busy."""
        return GUNICORN_MIB + self.gunicorn_workers * (self.worker_mib + self.gunicorn_threads * THREAD_MIB)

    @model_validator(mode="after")
    def _min_is_at_most_max(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max}): raise max or lower min")
        return self

    @model_validator(mode="after")
    def _fargate_offers_the_size(self) -> Self:
        sizes = FARGATE_MEMORY_MIB.get(self.cpu)
        if sizes is None:
            raise ValueError(
                f"Fargate has no tasks with cpu {self.cpu}: "
                f"choose one of {', '.join(map(str, FARGATE_MEMORY_MIB))}"
            )
        if self.memory_mib not in sizes:
            raise ValueError(
                f"Fargate does not offer memory_mib {self.memory_mib} with cpu {self.cpu}: "
                f"choose one of {', '.join(map(str, sizes))}"
            )
        return self

    @model_validator(mode="after")
    def _workers_fit_the_memory(self) -> Self:
        if self.needed_mib > self.memory_mib:
            raise ValueError(
                f"{self.gunicorn_workers} workers of {self.gunicorn_threads} threads need about "
                f"{self.needed_mib} MiB, but memory_mib is {self.memory_mib}: "
                "raise memory_mib, or lower workers or threads"
            )
        return self
