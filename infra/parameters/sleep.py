"""Define when a service that nobody asks goes to sleep."""

from pydantic import Field

from infra.parameters.model import Parameters


class Sleep(Parameters):
    """A service without tasks, and without their cost, while nobody asks; a request wakes it: docs/sleep.md.

    The load balancer stays. Workers and jobs do not sleep.
    """

    after_idle_minutes: int = Field(
        default=30,
        ge=10,
        le=1440,
        description="minutes without a request, other than health checks, after which all tasks are stopped",
    )
    although_retained: bool = Field(
        default=False,
        description="sleep although `removal` is 'retain', as in production: visitors wait for a task",
    )
