"""Environment: everything that may differ between dev, staging and production, typed and checked."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.environment_parts import Alarms, Domain, Egress, ScalingTargets
from infra.parameters import Parameters, matching
from infra.tasks import Tasks
from infra.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, SPOT_WARNING_S, Timeouts

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]


class Environment(Parameters):
    """One deployment of the service: its own stack, network, load balancer and tasks."""

    name: Annotated[
        str,
        matching(r"[a-z][a-z0-9-]{0,19}", "1 to 20 lower-case letters, digits and '-', first a letter"),
        Field(description="the stack is called Web-<name>"),
    ]
    account: Annotated[
        str | None,
        matching(r"\d{12}", "12 digits"),
        Field(description="by default that of your credentials"),
    ] = None
    region: Annotated[
        str, matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region such as eu-west-1"), Field(description="AWS region")
    ] = "eu-west-1"
    availability_zones: Annotated[
        tuple[str, ...],
        Field(min_length=2, max_length=6, description="of the region, two or more"),
    ] = ("eu-west-1a", "eu-west-1b")
    tasks: Annotated[Tasks, Field(description="number, size and kind of tasks")] = Tasks()
    longest_request_s: Annotated[
        int, Field(description=f"5 to {FARGATE_MAX_STOP_TIMEOUT_S}; every timeout follows from it")
    ] = 30
    scaling: Annotated[ScalingTargets, Field(description="what the autoscaler keeps")] = ScalingTargets()
    egress: Annotated[Egress, Field(description="how tasks reach the internet")] = Egress()
    domain: Annotated[
        Domain | None, Field(description="HTTPS; without a domain there is plain HTTP only")
    ] = None
    alarms: Annotated[Alarms, Field(description="thresholds and the address to tell")] = Alarms()
    log_retention_days: Annotated[RetentionDays, Field(description="of the service's log")] = 30
    flow_log_days: Annotated[RetentionDays | None, Field(description="of the network's log; none: off")] = (
        None
    )
    access_log_days: Annotated[
        int | None, Field(ge=1, description="of the load balancer's log in S3; none: off")
    ] = None
    container_insights: Annotated[bool, Field(description="CloudWatch metrics of each task, paid")] = False
    removal: Annotated[
        Literal["destroy", "retain"],
        Field(description="retain: deletion is refused, and logs outlive the stack"),
    ] = "retain"
    tags: Annotated[dict[str, str], Field(default_factory=dict, description="on every resource")]

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
    def _spot_tasks_can_drain(self) -> Self:
        if self.tasks.spot != "never" and not self.timeouts.fits_spot:
            raise ValueError(
                f"longest_request_s is {self.longest_request_s} and tasks.spot is '{self.tasks.spot}', but "
                f"a Spot task has {SPOT_WARNING_S} s to drain and stop: set tasks.spot to 'never', or "
                f"longest_request_s to {Timeouts.longest_for_spot()} or less"
            )
        return self
