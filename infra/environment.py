"""Environment: everything that may differ between dev, staging and production, typed and checked."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.environment_parts import Alarms, Domain, Egress, ScalingTargets
from infra.parameters import Parameters, matching
from infra.tasks import PROXY_MIB, ProxyKind, Tasks
from infra.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, SPOT_WARNING_S, Timeouts
from infra.tracing import COLLECTOR_MIB

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]

EnvironmentName = Annotated[
    str, matching(r"[a-z][a-z0-9-]{0,19}", "1 to 20 lower-case letters, digits and '-', first a letter")
]
AccountId = Annotated[str, matching(r"\d{12}", "12 digits")]
Region = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-west-1")]


class Environment(Parameters):
    """One deployment of the service: its own stack, network, load balancer and tasks."""

    name: EnvironmentName = Field(description="the stack is called Web- and this name")
    account: AccountId | None = Field(default=None, description="by default that of your credentials")
    region: Region = Field(default="eu-west-1", description="where all of it is")
    availability_zones: tuple[str, ...] = Field(
        default=("eu-west-1a", "eu-west-1b"),
        min_length=2,
        max_length=6,
        description="two or more of it",
    )
    tasks: Tasks = Tasks()
    longest_request_s: int = Field(default=30, description="5 to 120; every timeout follows from it")
    proxy: ProxyKind = Field(
        default="nginx",
        description="in each task, before Gunicorn: buffers, limits, compresses",
    )
    scaling: ScalingTargets = ScalingTargets()
    egress: Egress = Egress()
    domain: Domain | None = None
    alarms: Alarms = Alarms()
    log_retention_days: RetentionDays = Field(default=30, description="service's log: 1, 3, 5, 7, 14, 30 ...")
    flow_log_days: RetentionDays | None = Field(default=None, description="network's log; else there is none")
    access_log_days: int | None = Field(
        default=None, ge=1, description="load balancer's log in S3; else there is none"
    )
    container_insights: bool = Field(default=False, description="metrics of each task, paid by the metric")
    trace_percent: float = Field(
        default=0, ge=0, le=100, description="requests traced to X-Ray, %; above 0, each costs more CPU"
    )
    removal: Literal["destroy", "retain"] = Field(
        default="retain", description="with retain, deletion is refused and logs outlive the stack"
    )
    tags: dict[str, str] = Field(default_factory=dict, description="on every resource")

    @property
    def timeouts(self) -> Timeouts:
        """The timeout chain that follows from the longest request."""
        return Timeouts(longest_request_s=self.longest_request_s)

    @field_validator("longest_request_s")
    @classmethod
    def _fits_fargate(cls, value: int) -> int:
        if not 5 <= value <= FARGATE_MAX_STOP_TIMEOUT_S:
            raise ValueError(
                f"must be 5 to {FARGATE_MAX_STOP_TIMEOUT_S}: Fargate ends a task at most "
                f"{FARGATE_MAX_STOP_TIMEOUT_S} s after SIGTERM, so no longer request outlives a deployment"
            )
        return value

    @model_validator(mode="after")
    def _zones_are_in_the_region(self) -> Self:
        strangers = [zone for zone in self.availability_zones if zone[:-1] != self.region]
        if strangers:
            raise ValueError(
                f"availability_zones {', '.join(strangers)} are not in region '{self.region}': "
                f"use zones such as {self.region}a"
            )
        return self

    @model_validator(mode="after")
    def _nat_gateways_have_zones(self) -> Self:
        if self.egress.nat_gateways > len(self.availability_zones):
            raise ValueError(
                f"egress.nat_gateways is {self.egress.nat_gateways}, but there are only "
                f"{len(self.availability_zones)} availability_zones: use at most one gateway per zone"
            )
        return self

    @model_validator(mode="after")
    def _sidecars_fit_the_memory(self) -> Self:
        tasks, proxy_mib = self.tasks, PROXY_MIB[self.proxy]
        collector_mib = COLLECTOR_MIB if self.trace_percent else 0
        if tasks.needed_mib + proxy_mib + collector_mib > tasks.memory_mib:
            collector = f", trace_percent {self.trace_percent:g} {collector_mib} MiB" if collector_mib else ""
            raise ValueError(
                f"proxy is '{self.proxy}' and needs {proxy_mib} MiB{collector} beside Gunicorn's "
                f"{tasks.needed_mib} MiB, but tasks.memory_mib is {tasks.memory_mib}: raise it, "
                "lower workers or threads, or set proxy to 'none' or trace_percent to 0"
            )
        return self

    @model_validator(mode="after")
    def _spot_tasks_can_drain(self) -> Self:
        if self.tasks.spot != "never" and not self.timeouts.fits_spot:
            raise ValueError(
                f"longest_request_s is {self.longest_request_s} and tasks.spot is '{self.tasks.spot}', but "
                f"a Spot task has {SPOT_WARNING_S} s to drain and stop: set tasks.spot to 'never', or "
                f"longest_request_s to {Timeouts.longest_for_spot()} or less"
            )
        return self
