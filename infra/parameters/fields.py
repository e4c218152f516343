"""Define the remaining fields of an environment; environment.py checks all of them together."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from infra.parameters.alarms import Alarms
from infra.parameters.aurora import Aurora, NewDatabase
from infra.parameters.cache import Valkey
from infra.parameters.database import DatabaseBudget, ExistingDatabase, Postgres
from infra.parameters.domain import Domain
from infra.parameters.formats import (
    PolicyName,
    Qualifier,
    TagKey,
    TagValue,
    VariableName,
)
from infra.parameters.load_balancer import (
    ExistingLoadBalancer,
    LoadBalancer,
    NewLoadBalancer,
)
from infra.parameters.mail import Mail
from infra.parameters.network import ExistingVpc, NewVpc
from infra.parameters.secrets import SecretChoice
from infra.parameters.service_fields import ServiceFields
from infra.parameters.sleep import Sleep
from infra.parameters.timeouts import FARGATE_MAX_STOP_TIMEOUT_S, Timeouts
from infra.parameters.uploads import Uploads
from infra.parameters.vault import Vault
from infra.parameters.workers import Job, Worker

# Waits until no other migration is at work, and makes the app's user: service/kit/migration.py.
MIGRATION = ("python", "-m", "service.kit.migration")


class EnvironmentFields(ServiceFields):
    """All parameters that may differ between dev, staging and production."""

    longest_request_s: int = Field(
        default=30, description="seconds that a request may take, 5 to 120; all timeouts follow from it"
    )
    secrets: dict[VariableName, SecretChoice] = Field(
        default_factory=dict,
        description="environment variables with secret values, by reference to where the value is stored",
    )
    release_command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(), description="words of a command, run without a shell, once before each new version serves"
    )
    # A Lambda function waits for the command, and can run for 15 minutes at most.
    release_timeout_s: int = Field(
        default=300, ge=10, le=840, description="seconds after which the release command is stopped"
    )
    database: DatabaseBudget | Postgres | Aurora | ExistingDatabase | None = None
    cache: Valkey | None = None
    uploads: Uploads | None = None
    vault: Vault | None = None
    workers: tuple[Worker, ...] = Field(
        default=(), description="further services of the same image, which do what requests leave to be done"
    )
    jobs: tuple[Job, ...] = Field(
        default=(), description="tasks of the same image that start at times of day"
    )
    mail: Mail | None = None
    network: NewVpc | ExistingVpc = NewVpc()
    load_balancer: LoadBalancer = NewLoadBalancer()
    domain: Domain | None = None
    alarms: Alarms = Alarms()
    sleep: Sleep | None = None
    removal: Literal["destroy", "retain"] = Field(
        default="retain",
        description="with retain, the stack cannot be deleted by accident and logs outlive it",
    )
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, description="tags of every resource")
    bootstrap_qualifier: Qualifier = Field(
        default="hnb659fds", description="qualifier of the `cdk bootstrap` to deploy with"
    )
    permissions_boundary: PolicyName | None = Field(
        default=None, description="name of an IAM policy in the account that limits every role of the stack"
    )

    @property
    def stack_name(self) -> str:
        """Return the name of the environment's CloudFormation stack."""
        return f"Web-{self.name}"

    @property
    def all_secrets(self) -> dict[str, SecretChoice]:
        """Return the secrets with the password of a database that exists."""
        if not isinstance(self.database, ExistingDatabase):
            return self.secrets
        return {**self.secrets, "DATABASE_PASSWORD": self.database.password}

    @property
    def release_words(self) -> tuple[str, ...]:
        """Return the release command; with a database the kit runs it, one at a time."""
        migrates = isinstance(self.database, NewDatabase) or (
            isinstance(self.database, ExistingDatabase) and self.release_command
        )
        return (*MIGRATION, *self.release_command) if migrates else self.release_command

    @property
    def keeps_data(self) -> bool:
        """Return whether the environment has a stack for its data."""
        return isinstance(self.database, NewDatabase) or bool(self.cache or self.uploads)

    @property
    def data_stack_name(self) -> str:
        """Return the name of the stack of its data, where there is one."""
        return f"Data-{self.name}"

    @property
    def timeouts(self) -> Timeouts:
        """Return the timeouts that follow from the longest request and an existing load balancer."""
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
