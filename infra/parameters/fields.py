"""The fields of an environment, each typed and checked by itself; environment.py checks them together."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from infra.parameters.alarms import Alarms
from infra.parameters.database import DatabaseBudget
from infra.parameters.deployment import Deployment, Rolling
from infra.parameters.domain import Domain
from infra.parameters.formats import (
    AccountId,
    EnvironmentName,
    LogDays,
    PolicyName,
    Qualifier,
    Region,
    TagKey,
    TagValue,
    VariableName,
    ZoneName,
)
from infra.parameters.image import BuildImage, Image
from infra.parameters.load_balancer import (
    ExistingLoadBalancer,
    HealthCheck,
    LoadBalancer,
    NewLoadBalancer,
    Routing,
)
from infra.parameters.model import Parameters
from infra.parameters.network import ExistingVpc, NewVpc
from infra.parameters.scaling import ScalingTargets
from infra.parameters.secrets import SecretChoice
from infra.parameters.sidecar import Sidecar
from infra.parameters.tasks import ProxyKind, Tasks
from infra.parameters.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, Timeouts


class EnvironmentFields(Parameters):
    """All that may differ between dev, staging and production."""

    name: EnvironmentName = Field(description="the stack is called Web- and this name")
    account: AccountId | None = Field(default=None, description="by default that of your credentials")
    region: Region = Field(default="eu-west-1", description="where all of it is")
    availability_zones: tuple[ZoneName, ...] = Field(
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
    database: DatabaseBudget | None = None
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
    log_days: LogDays = Field(default=30, description="service's log: 1, 3, 5, 7, 14, 30 ...")
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
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, description="on every resource")
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
            existing_idle_s=balancer.idle_timeout_s if isinstance(balancer, ExistingLoadBalancer) else None,
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
