"""Define number and size of tasks, and how many Gunicorn workers and threads fit into one."""

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

ProxyKind = Literal["nginx", "apache"]
# Memory of each proxy at its worst, with 500 slow clients, measured by benchmarks/slow_clients.py.
PROXY_MIB: dict[ProxyKind, int] = {"nginx": 32, "apache": 128}
# Memory of the container that sends traces to X-Ray.
COLLECTOR_MIB = 100
# Memory of Gunicorn's own process (31 MiB in the image), the kernel and the init process.
GUNICORN_MIB = 64
# A busy thread, while request bodies are limited to DEFAULT_MAX_BODY_MIB: eight uploads of that size at once
# peaked at 55 MB in the whole container. Parsing 10 MiB of JSON takes 52 MiB, see docs/policies.md.
THREAD_MIB = 8
DEFAULT_MAX_BODY_MIB = 10


def check_size(cpu: int, memory_mib: int) -> None:
    """Raise ValueError, with the sizes that there are, if Fargate has no tasks of this size."""
    sizes = FARGATE_MEMORY_MIB.get(cpu)
    if sizes is None:
        raise ValueError(
            f"Fargate has no tasks with cpu {cpu}: choose one of {', '.join(map(str, FARGATE_MEMORY_MIB))}"
        )
    if memory_mib not in sizes:
        raise ValueError(
            f"Fargate does not offer memory_mib {memory_mib} with cpu {cpu}: "
            f"choose one of {', '.join(map(str, sizes))}"
        )


class Tasks(Parameters):
    """Number, size and kind of the service's tasks."""

    min: int = Field(default=2, ge=1, le=1000, description="fewest tasks")
    max: int = Field(default=10, ge=1, le=1000, description="most tasks")
    cpu: int = Field(default=512, description="CPU units of a task; 1024 units are one vCPU")
    memory_mib: int = Field(
        default=1024, description="memory of a task; Fargate offers certain sizes for each cpu"
    )
    architecture: Literal["ARM64", "X86_64"] = Field(
        default="ARM64", description="CPU architecture of the image and the task; ARM64 is about 20 % cheaper"
    )
    spot: Literal["never", "above_min", "always"] = Field(
        default="never",
        description="tasks on Spot, which is cheaper, taken back at two minutes' notice, and not to be had "
        "when Spot is short: with 'above_min' scaling out waits then, with 'always' so do all tasks",
    )
    workers: int | None = Field(
        default=None, ge=1, description="Gunicorn workers; by default 2 up to one vCPU, then 2 per vCPU"
    )
    threads: int | None = Field(
        default=None, ge=1, description="threads per worker; by default 16, below half a vCPU 8"
    )
    queue_s: float = Field(
        default=2,
        gt=0,
        le=60,
        description="longest wait for a thread in a burst; more than a quarter of it does not stand for long",
    )
    streams: int = Field(
        default=64, ge=0, le=1000, description="most streams and WebSockets per worker, beside its threads"
    )
    ephemeral_storage_gib: int | None = Field(
        default=None,
        ge=21,
        le=200,
        description="disk of a task, 21 to 200; by default 20 GiB, which are free",
    )
    worker_mib: int = Field(default=100, ge=16, description="memory of one idle worker with your app")

    @property
    def gunicorn_workers(self) -> int:
        """Return the number of workers: at least two, so that one crash is not an outage; two per vCPU.

        Measured under CPU quotas: at one vCPU a third worker gains nothing, at two vCPUs four gain 1.9 times.
        """
        return self.workers or max(2, 2 * self.cpu // 1024)

    @property
    def gunicorn_threads(self) -> int:
        """Return the threads per worker: 16, or 8 below half a vCPU, where more gain nothing."""
        return self.threads or (16 if self.cpu >= 512 else 8)

    def needed_mib(self, max_body_mib: int = DEFAULT_MAX_BODY_MIB) -> int:
        """Return the memory of Gunicorn, MiB, when each thread of each worker reads a body of `max_body_mib`.

        Above the default limit a thread is counted with one MiB more for each MiB of body, because
        `request.get_data()` keeps a whole body in memory.
        """
        thread_mib = THREAD_MIB + max(0, max_body_mib - DEFAULT_MAX_BODY_MIB)
        return GUNICORN_MIB + self.gunicorn_workers * (self.worker_mib + self.gunicorn_threads * thread_mib)

    @model_validator(mode="after")
    def _min_is_at_most_max(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max}): raise max or lower min")
        return self

    @model_validator(mode="after")
    def _fargate_offers_the_size(self) -> Self:
        check_size(self.cpu, self.memory_mib)
        return self

    @model_validator(mode="after")
    def _workers_fit_the_memory(self) -> Self:
        if self.needed_mib() > self.memory_mib:
            raise ValueError(
                f"{self.gunicorn_workers} workers of {self.gunicorn_threads} threads need about "
                f"{self.needed_mib()} MiB, but memory_mib is {self.memory_mib}: "
                "raise memory_mib, or lower workers or threads"
            )
        return self
