"""Deployment: how a new version takes over from the old one."""

from pydantic import Field

from infra.parameters.model import Parameters


class Rolling(Parameters):
    """New tasks take over as they get healthy; too many failures, or an alarm, bring the old ones back."""

    failures_allowed: int | None = Field(
        default=None, ge=1, le=200, description="tasks that may fail to start; by default half, 3 to 200"
    )


class BlueGreen(Parameters):
    """The new version stands beside the old one, then gets all requests at once; an alarm turns them back.

    For as long as that takes there are, and cost, twice as many tasks.
    """

    bake_minutes: int = Field(
        default=10, ge=0, le=1440, description="the old version waits so long to be taken back"
    )
    test_port: int | None = Field(
        default=None, ge=1, le=65535, description="of the load balancer, where the new version answers first"
    )

    @property
    def minutes(self) -> int:
        """How long the configured waits take together, as CloudFormation counts them."""
        return self.bake_minutes


class Canary(BlueGreen):
    """As BlueGreen, but first a part of the requests goes to the new version."""

    percent: int = Field(default=10, ge=1, le=50, description="of the requests go first")
    step_minutes: int = Field(default=10, ge=1, le=1440, description="before the others follow")

    @property
    def minutes(self) -> int:
        """One step, then the bake time."""
        return self.bake_minutes + self.step_minutes


class Linear(BlueGreen):
    """As BlueGreen, but in equal steps."""

    percent: int = Field(default=10, ge=3, le=50, description="of the requests move with each step")
    step_minutes: int = Field(default=6, ge=1, le=1440, description="between two steps")

    @property
    def minutes(self) -> int:
        """The steps, after the last of which there is no wait, then the bake time."""
        waits = 100 // self.percent - (100 % self.percent == 0)
        return self.bake_minutes + waits * self.step_minutes


Deployment = Rolling | BlueGreen | Canary | Linear
