"""Alarms: when somebody is told, who, and what is undone."""

from pydantic import Field

from infra.parameters.formats import EmailAddress
from infra.parameters.model import Parameters


class Alarms(Parameters):
    """When somebody is told, who, and whether a deployment that causes it is rolled back."""

    email: EmailAddress | None = Field(default=None, description="who is told, once it has been confirmed")
    error_percent: float = Field(default=1.0, gt=0, le=100, description="most answers that may be 5xx, %")
    p95_latency_s: float = Field(default=1.0, gt=0, description="slowest 95th percentile of answers, s")
    monthly_budget_usd: int | None = Field(
        default=None, ge=1, description="mail at 80 % of it, and when AWS expects all of it to be spent"
    )
    roll_back_deployments: bool = Field(default=True, description="undo a deployment that sets one off")
