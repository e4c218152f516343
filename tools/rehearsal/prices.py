"""What Fargate costs, in USD per hour, without taxes, savings plans, or anything beside the tasks."""

from dataclasses import dataclass
from typing import NamedTuple

SOURCE = "https://aws.amazon.com/fargate/pricing/"
CHECKED = "2026-05"


class Rate(NamedTuple):
    """USD per vCPU-hour and per GB-hour."""

    vcpu: float
    gb: float


# Linux, on demand.
RATES = {
    ("eu-west-1", "ARM64"): Rate(0.03238, 0.00356),
    ("eu-west-1", "X86_64"): Rate(0.04048, 0.004445),
    ("us-east-1", "ARM64"): Rate(0.03238, 0.00356),
    ("us-east-1", "X86_64"): Rate(0.04048, 0.004445),
}
STAND_IN_REGION = "eu-west-1"
# Spot follows supply and demand; AWS says up to 70 % off, and eu-west-1 was seen at 67 % off
# (0.01334 for 0.04048): https://tomgregory.com/aws/aws-fargate-spot-vs-fargate-price-comparison/
SPOT_SHARE = 0.33


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of tasks of one size, of which the first `on_demand_tasks` are not on Spot."""

    vcpu: float
    memory_gb: float
    architecture: str
    region: str
    on_demand_tasks: int

    @property
    def rate_region(self) -> str:
        """The region whose rates are used: the service's own where the table has it."""
        return self.region if (self.region, self.architecture) in RATES else STAND_IN_REGION

    def usd_per_hour(self, tasks: int) -> float:
        """What this many tasks cost in an hour."""
        rate = RATES[self.rate_region, self.architecture]
        task = self.vcpu * rate.vcpu + self.memory_gb * rate.gb
        on_demand = min(tasks, self.on_demand_tasks)
        return task * (on_demand + SPOT_SHARE * (tasks - on_demand))
