"""Environment: everything that may differ between dev, staging and production, typed and checked."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.environment.alarms import Alarms
from infra.environment.combinations import contradiction
from infra.environment.configuration import SecretChoice
from infra.environment.deployment import Deployment, Rolling
from infra.environment.domain import Domain
from infra.environment.formats import (
    AccountId,
    EnvironmentName,
    PolicyName,
    Qualifier,
    Region,
    RetentionDays,
    VariableName,
)
from infra.environment.image import BuildImage, Image
from infra.environment.load_balancer import (
    ExistingLoadBalancer,
    HealthCheck,
    LoadBalancer,
    NewLoadBalancer,
    Routing,
)
from infra.environment.network import ExistingVpc, NewVpc
from infra.environment.scaling import ScalingTargets
from infra.environment.sidecar import Sidecar
from infra.parameters import Parameters
from infra.tasks import COLLECTOR_MIB, PROXY_MIB, ProxyKind, Tasks
from infra.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, SPOT_WARNING_S, Timeouts


class Environment(Parameters):
    """One deployment of the service: a stack of its own, most often with all it needs."""

    name: EnvironmentName = Field(description="the stack is called Web- and this name")
    account: AccountId | None = Field(default=None, description="by default that of your credentials")
    region: Region = Field(default="eu-west-1", description="where all of it is")
    availability_zones: tuple[str, ...] = Field(
        default=("eu-west-1a", "eu-west-1b"),
        min_length=2,
        max_length=6,
        description="two or more of it",
    )
    image: Image = BuildImage()
    tasks: Tasks = Tasks()
    longest_request_s: int = Field(default=30, description="5 to 120; every timeout follows from it")
    proxy: ProxyKind = Field(
        default="nginx",
        description="in each task, before Gunicorn: buffers, limits, compresses",
    )
    variables: dict[VariableName, str] = Field(
        default_factory=dict, description="the service's environment variables, for anybody to read"
    )
    secrets: dict[VariableName, SecretChoice] = Field(
        default_factory=dict, description="the same with values that nobody reads here, each by its name"
    )
    release_command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(), description="run once with each new version, before it serves: its words, without a shell"
    )
    # A Lambda waits for it, and has 15 minutes at most.
    release_timeout_s: int = Field(
        default=300, ge=10, le=840, description="for the release command; then it is stopped"
    )
    sidecars: tuple[Sidecar, ...] = Field(default=(), description="other containers in each task")
    scaling: ScalingTargets = ScalingTargets()
    deployment: Deployment = Rolling()
    network: NewVpc | ExistingVpc = NewVpc()
    load_balancer: LoadBalancer = NewLoadBalancer()
    domain: Domain | None = None
    health_check: HealthCheck = HealthCheck()
    routing: Routing = Routing()
    tls_to_tasks: bool = Field(
        default=False,
        description="TLS from the load balancer on, with certificates the tasks make themselves",
    )
    alarms: Alarms = Alarms()
    log_retention_days: RetentionDays = Field(default=30, description="service's log: 1, 3, 5, 7, 14, 30 ...")
    container_insights: bool = Field(default=False, description="metrics of each task, paid by the metric")
    execute_command: bool = Field(
        default=False, description="`make exec` opens a shell in a task; all that is typed there is logged"
    )
    trace_percent: float = Field(
        default=0, ge=0, le=100, description="requests traced to X-Ray, %; above 0, each costs more CPU"
    )
    removal: Literal["destroy", "retain"] = Field(
        default="retain", description="with retain, deletion is refused and logs outlive the stack"
    )
    tags: dict[str, str] = Field(default_factory=dict, description="on every resource")
    bootstrap_qualifier: Qualifier = Field(
        default="hnb659fds", description="of the `cdk bootstrap` that it is deployed with"
    )
    permissions_boundary: PolicyName | None = Field(
        default=None, description="a managed policy of the account that limits every role of the stack"
    )

    @property
    def timeouts(self) -> Timeouts:
        """The timeout chain that follows from the longest request and an existing load balancer."""
        balancer = self.load_balancer
        return Timeouts(
            longest_request_s=self.longest_request_s,
            given_idle_s=balancer.idle_timeout_s if isinstance(balancer, ExistingLoadBalancer) else None,
        )

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
    def _sidecars_fit_the_memory(self) -> Self:
        tasks, proxy_mib = self.tasks, PROXY_MIB[self.proxy]
        collector_mib = COLLECTOR_MIB if self.trace_percent else 0
        others_mib = sum(sidecar.memory_mib for sidecar in self.sidecars)
        if tasks.needed_mib + proxy_mib + collector_mib + others_mib > tasks.memory_mib:
            collector = f", trace_percent {self.trace_percent:g} {collector_mib} MiB" if collector_mib else ""
            collector += f", sidecars {others_mib} MiB" if others_mib else ""
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

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if problem := contradiction(self):
            raise ValueError(problem)
        return self
