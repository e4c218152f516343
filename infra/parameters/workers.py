"""Define what works beside requests: workers, the queues that they work off, and jobs at times of day."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from infra.parameters.model import Parameters, matching
from infra.parameters.scaling import TimeZoneName
from infra.parameters.sidecar import KIT_CONTAINERS, ContainerName
from infra.parameters.tasks import Tasks, check_size
from infra.parameters.timeouts import EXIT_RESERVE_S, FARGATE_MAX_STOP_TIMEOUT_S

LONGEST_WORK_S = FARGATE_MAX_STOP_TIMEOUT_S - EXIT_RESERVE_S
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
ScheduleExpression = Annotated[
    str,
    matching(
        r"cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minute|hour|day)s?\)",
        "cron(minute hour day month weekday year) or rate(number minutes, hours or days)",
    ),
]
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


class BesideRequests(Parameters):
    """A further command of the service's image, which nobody reaches."""

    name: ContainerName = Field(max_length=20, description="name, such as mail; also of its container")
    command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, description="words of the command, run without a shell"
    )
    connections: int = Field(
        default=1, ge=0, description="most connections of a task to the database, counted with the service's"
    )
    cpu: int | None = Field(default=None, description="CPU units of a task; by default as `tasks` has it")
    memory_mib: int | None = Field(
        default=None, description="memory of a task; by default as `tasks` has it, with the same `cpu` only"
    )

    @property
    def construct_id(self) -> str:
        """Return its name as the ids of constructs are written."""
        return "".join(part.capitalize() for part in self.name.split("-"))

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
        if (self.cpu is None) != (self.memory_mib is None):
            raise ValueError(
                f"cpu is {self.cpu} and memory_mib {self.memory_mib}: give both, or none for those of `tasks`"
            )
        if self.cpu and self.memory_mib:
            check_size(self.cpu, self.memory_mib)
        return self


class Worker(BesideRequests):
    """Tasks whose command goes on until SIGTERM, with as many tasks as there is work for; docs/workers.md.

    They have the service's settings, secrets and log, and a role of their own.
    """

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

    heartbeat_s: int | None = Field(
        default=None,
        ge=10,
        le=300,
        description="seconds within which it calls `beat()` of service/kit/work.py, or ECS replaces the "
        "task; without, it lives as long as its process",
    )

    @property
    def variable(self) -> str:
        """Return the variable with the address of its queue."""
        return f"QUEUE_URL_{self.name.upper().replace('-', '_')}"

    @property
    def stop_timeout_s(self) -> int:
        """Return the time from SIGTERM to SIGKILL."""
        return self.longest_job_s + EXIT_RESERVE_S

    @model_validator(mode="after")
    def _min_is_at_most_max(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is more than max ({self.max}): raise max or lower min")
        return self

    @model_validator(mode="after")
    def _can_beat_between_pieces_of_work(self) -> Self:
        if self.heartbeat_s and self.heartbeat_s <= self.longest_job_s:
            raise ValueError(
                f"heartbeat_s is {self.heartbeat_s}, but one piece of work may take longest_job_s "
                f"({self.longest_job_s}): raise heartbeat_s above it, or lower longest_job_s"
            )
        return self


class Job(BesideRequests):
    """A task that runs its command at times of day, with the service's settings, secrets, role and log.

    EventBridge Scheduler starts it, now and then twice; docs/workers.md.
    """

    schedule: ScheduleExpression = Field(
        description="when, such as 'cron(0 3 * * ? *)' for 3:00 of each day, or 'rate(10 minutes)'"
    )
    time_zone: TimeZoneName = Field(default="Etc/UTC", description="time zone of the schedule")
    timeout_s: int = Field(
        default=3600, ge=1, le=86400, description="seconds after which it is stopped, and 10 s later killed"
    )
    overlap: Literal["skip", "allow"] = Field(
        default="skip",
        description="with skip, a run ends at once while one before it goes on: by a lock in `database`",
    )

    @property
    def words(self) -> tuple[str, ...]:
        """Return the command with the program of the kit that runs it: service/kit/job.py."""
        how = ("--timeout-s", str(self.timeout_s), "--overlap", self.overlap)
        return ("python", "-m", "service.kit.job", *how, self.name, *self.command)
