"""Define workers, which do what requests leave to be done, and the queues that they work off."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from infra.parameters.model import Parameters
from infra.parameters.sidecar import KIT_CONTAINERS, ContainerName
from infra.parameters.tasks import Tasks, check_size
from infra.parameters.timeouts import EXIT_RESERVE_S, FARGATE_MAX_STOP_TIMEOUT_S

LONGEST_WORK_S = FARGATE_MAX_STOP_TIMEOUT_S - EXIT_RESERVE_S
# The container of the release command is called so.
_TAKEN = (*KIT_CONTAINERS, "release")


class Queue(Parameters):
    """A queue of SQS, whose address the app gets in QUEUE_URL_<NAME>, with one for messages that failed.

    A message may come twice, and out of order: that is SQS's promise for its standard queues.
    """

    attempts: int = Field(
        default=3, ge=1, le=1000, description="times that a message is given out before it counts as failed"
    )
    backlog_per_task: int = Field(
        default=100, ge=2, description="messages, waiting or in work, above which a task is added"
    )
    oldest_s: int = Field(
        default=900, ge=60, description="seconds that the oldest message may wait before an alarm tells it"
    )


class Worker(Parameters):
    """Tasks that run another command of the service's image, which nobody reaches; docs/workers.md.

    They have the service's settings, secrets and log, and a role of their own.
    """

    name: ContainerName = Field(max_length=20, description="name, such as mail; also of its container")
    command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, description="words of the command, run without a shell, which goes on until SIGTERM"
    )
    queue: Queue | None = Field(
        default=None,
        description="without one, as with a broker of your own, CPU alone adds tasks, above 70 %",
    )
    min: int = Field(default=1, ge=1, le=1000, description="fewest tasks")
    max: int = Field(default=4, ge=1, le=1000, description="most tasks")
    longest_job_s: int = Field(
        default=60,
        ge=1,
        le=LONGEST_WORK_S,
        description="seconds that one piece of work may take, and has to end in after SIGTERM",
    )
    connections: int = Field(
        default=1, ge=0, description="most connections of a task to the database, counted with the service's"
    )
    cpu: int | None = Field(default=None, description="CPU units of a task; by default as `tasks` has it")
    memory_mib: int | None = Field(
        default=None, description="memory of a task; by default as `tasks` has it, with the same `cpu` only"
    )

    @property
    def variable(self) -> str:
        """Return the variable with the address of its queue."""
        return f"QUEUE_URL_{self.name.upper().replace('-', '_')}"

    @property
    def construct_id(self) -> str:
        """Return its name as the ids of constructs are written."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    @property
    def stop_timeout_s(self) -> int:
        """Return the time from SIGTERM to SIGKILL."""
        return self.longest_job_s + EXIT_RESERVE_S

    def size(self, tasks: Tasks) -> Tasks:
        """Return the size of its tasks, which differs from the service's where it says so."""
        sizes = {"cpu": self.cpu, "memory_mib": self.memory_mib}
        return tasks.model_copy(update={key: value for key, value in sizes.items() if value})

    @model_validator(mode="after")
    def _is_somebody_else(self) -> Self:
        if self.name in _TAKEN:
            raise ValueError(
                f"name is '{self.name}', one of {', '.join(_TAKEN)}, which the kit uses: choose another"
            )
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max}): raise max or lower min")
        if (self.cpu is None) != (self.memory_mib is None):
            raise ValueError(
                f"cpu is {self.cpu} and memory_mib {self.memory_mib}: give both, or none for those of `tasks`"
            )
        if self.cpu and self.memory_mib:
            check_size(self.cpu, self.memory_mib)
        return self
