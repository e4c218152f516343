"""Define how a load balancer checks tasks and shares requests between them."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from infra.parameters.formats import HealthPath, StatusCodes
from infra.parameters.model import Parameters

# Where service/kit/health.py answers unless the variable HEALTH_PATH says otherwise.
DEFAULT_HEALTH_PATH = "/healthz"
# Paths on which the kit or the app answers something else.
_NO_HEALTH_PATHS = {
    "/": "the page that your app shows first, which health checks would hide",
    "/readyz": "which fails while a backend is away, so that all tasks would be replaced at once",
    "/version": "which tells what is deployed",
}


class HealthCheck(Parameters):
    """The request with which the load balancer checks each task, and when a task counts as healthy."""

    path: HealthPath = Field(
        default=DEFAULT_HEALTH_PATH,
        description="the service answers it itself, whatever your app and its backends do",
    )
    codes: StatusCodes = Field(default="200", description="HTTP codes treated as healthy")
    # AWS's fast setting is every 5 s, its default 30 s; 10 s find a dead task in half a minute.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
    interval_s: int = Field(default=10, ge=5, le=300, description="seconds between two checks")
    timeout_s: int = Field(default=5, ge=2, le=120, description="seconds to wait for the answer")
    healthy_count: int = Field(
        default=2, ge=2, le=10, description="successes in a row that make a task healthy"
    )
    unhealthy_count: int = Field(
        default=3, ge=2, le=10, description="failures in a row that make a task unhealthy"
    )
    grace_s: int = Field(
        default=60, ge=0, le=7200, description="seconds after a task's start in which failures do not count"
    )

    @field_validator("path")
    @classmethod
    def _is_a_path_of_its_own(cls, value: str) -> str:
        if value in _NO_HEALTH_PATHS:
            raise ValueError(
                f"must be a path of its own, not {_NO_HEALTH_PATHS[value]}: use {DEFAULT_HEALTH_PATH}"
            )
        return value

    @model_validator(mode="after")
    def _answers_are_awaited_before_the_next_check(self) -> Self:
        if self.timeout_s >= self.interval_s:
            raise ValueError(
                f"timeout_s ({self.timeout_s}) is not below interval_s ({self.interval_s}): "
                "lower timeout_s or raise interval_s"
            )
        return self


class Routing(Parameters):
    """The rule by which the load balancer chooses the task for the next request."""

    algorithm: Literal["least_outstanding_requests", "round_robin", "weighted_random"] = Field(
        default="least_outstanding_requests",
        description="weighted_random sends less to tasks that answer with errors",
    )
    slow_start_s: int = Field(
        default=0,
        ge=0,
        le=900,
        description="seconds in which a new task's share of requests grows, 30 to 900; 0 is off",
    )
    sticky_s: int | None = Field(
        default=None,
        ge=1,
        le=604800,
        description="seconds for which a client stays with its task; by default it does not",
    )

    @model_validator(mode="after")
    def _slow_start_is_offered(self) -> Self:
        if 0 < self.slow_start_s < 30:
            raise ValueError(f"slow_start_s is {self.slow_start_s}: set it to 0, or to 30 to 900")
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
        if self.slow_start_s and self.algorithm != "round_robin":
            raise ValueError(
                f"slow_start_s is {self.slow_start_s}, which load balancers offer with round_robin only, "
                f"but algorithm is '{self.algorithm}': set slow_start_s to 0, or algorithm to 'round_robin'"
            )
        return self
