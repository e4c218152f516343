"""Define the ways in which a new version replaces the old one."""

from typing import Literal

from pydantic import Field, model_validator

from infra.parameters.model import Parameters


class Rolling(Parameters):
    """New tasks replace old ones as they get healthy; too many failures, or an alarm, roll it back.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html
    """

    failures_allowed: int | None = Field(
        default=None,
        ge=1,
        le=200,
        description="failed tasks that roll it back; by default half of the tasks, at least 3, at most 200",
    )
    alternate: bool = Field(
        default=False,
        description="a second target group, which ECS wants before a change to BlueGreen, Canary or Linear: "
        "deploy with it once before, and once on the way back",
    )
    tls_change: Literal["prepare", "move"] | None = Field(
        default=None,
        description="a change of tls_to_tasks in three deployments, of which users notice nothing: one with "
        "'prepare', one with 'move' and the new tls_to_tasks, one without",
    )

    @model_validator(mode="after")
    def _has_one_second_group(self) -> "Rolling":
        if self.alternate and self.tls_change:
            raise ValueError(
                f"deployment.alternate is True and deployment.tls_change is {self.tls_change!r}, but each "
                "needs the second target group: change tls_to_tasks first, then deploy with alternate"
            )
        return self


class BlueGreen(Parameters):
    """The new version starts beside the old one, then gets all requests at once; an alarm rolls it back.

    Until the old version is stopped, twice as many tasks run and are paid for.
    """

    bake_minutes: int = Field(
        default=10,
        ge=0,
        le=1440,
        description="minutes that the old version is kept running, ready for a rollback",
    )
    test_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="port of the load balancer on which the new version can be tested before users get it",
    )

    @property
    def minutes(self) -> int:
        """Return the sum of the configured waits, minutes, as CloudFormation counts them."""
        return self.bake_minutes


class Canary(BlueGreen):
    """Blue/green that first sends a part of the requests to the new version."""

    percent: int = Field(
        default=10, ge=1, le=50, description="share of requests that goes to the new version first, %"
    )
    step_minutes: int = Field(
        default=10, ge=1, le=1440, description="minutes until all other requests follow"
    )

    @property
    def minutes(self) -> int:
        """Return the step and the bake time together, minutes."""
        return self.bake_minutes + self.step_minutes


class Linear(BlueGreen):
    """Blue/green that moves requests to the new version in equal steps."""

    percent: int = Field(
        default=10, ge=3, le=50, description="share of requests that moves with each step, %"
    )
    step_minutes: int = Field(default=6, ge=1, le=1440, description="minutes between two steps")

    @property
    def minutes(self) -> int:
        """Return the waits between steps and the bake time together, minutes; the last step has no wait."""
        waits = 100 // self.percent - (100 % self.percent == 0)
        return self.bake_minutes + waits * self.step_minutes


Deployment = Rolling | BlueGreen | Canary | Linear
