"""Define thresholds of alarms, whom they tell, and whether they roll back deployments."""

import re

from pydantic import Field

from infra.parameters.chat import SlackChannel, TeamsChannel
from infra.parameters.formats import EmailAddress
from infra.parameters.model import Parameters

# Domains that nobody can have. https://www.rfc-editor.org/rfc/rfc2606
_NOBODY = re.compile(r".+@(.+\.)?(example(\.(com|net|org))?|invalid|test)", re.IGNORECASE)


class Alarms(Parameters):
    """Thresholds of the alarms, whom they tell, and whether they roll back a running deployment."""

    email: EmailAddress | None = Field(
        default=None,
        description="address that gets all alarms, after its owner has confirmed the subscription; needed "
        "where removal is retain",
    )
    slack: SlackChannel | None = Field(
        default=None,
        description="channel of Slack that gets them, too, and may ask CloudWatch, but change nothing",
    )
    teams: TeamsChannel | None = Field(default=None, description="the same for a channel of Microsoft Teams")
    error_percent: float = Field(
        default=1.0, gt=0, le=100, description="alarm above this share of 5xx answers, %"
    )
    p95_latency_s: float = Field(
        default=1.0, gt=0, description="alarm above this 95th percentile of response times, s"
    )
    monthly_budget_usd: int | None = Field(
        default=None, ge=1, description="US dollars a month; mail at 80 % of it, and when AWS forecasts 100 %"
    )
    roll_back_deployments: bool = Field(
        default=True, description="roll back a running deployment when an alarm goes off"
    )

    @property
    def unheard(self) -> str | None:
        """Return why nobody is told; None if somebody is."""
        if self.email is None:
            return "alarms.email is not set"
        if _NOBODY.fullmatch(self.email):
            return f"alarms.email is '{self.email}', an example"
        return None
