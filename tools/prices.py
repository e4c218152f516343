"""Hold what AWS asks for: tasks on Fargate, and resources that cost whether they are used or not.

USD, without taxes, discounts and savings plans. Each row says where its figure is from, and of when: AWS's
price list or a bill where there was one to read, else a page that repeats AWS's. A region that is not in a
row is counted as the first of it, and reports say so.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

HOURS_PER_MONTH = 730
# When the rows below Fargate's were looked up.
READ = "2026-11-22"
FARGATE_SOURCE = "https://aws.amazon.com/fargate/pricing/"
FARGATE_READ = "2026-05"


class FargateRate(NamedTuple):
    """USD per vCPU-hour and per GB-hour."""

    vcpu: float
    gb: float


# Linux, on demand.
FARGATE = {
    ("eu-west-1", "ARM64"): FargateRate(0.03238, 0.00356),
    ("eu-west-1", "X86_64"): FargateRate(0.04048, 0.004445),
    ("us-east-1", "ARM64"): FargateRate(0.03238, 0.00356),
    ("us-east-1", "X86_64"): FargateRate(0.04048, 0.004445),
}
# Spot follows supply and demand; AWS says up to 70 % off, and eu-west-1 was seen at 67 % off
# (0.01334 for 0.04048): https://tomgregory.com/aws/aws-fargate-spot-vs-fargate-price-comparison/
SPOT_SHARE = 0.33


class Rate(NamedTuple):
    """The price of one resource by region; a row of one region has a price that is the same everywhere."""

    usd: dict[str, float]
    per: Literal["hour", "month"]
    source: str
    of: str

    def monthly(self, region: str) -> float:
        """Return USD per month in a region, or in the first of the row."""
        price = self.usd.get(region, next(iter(self.usd.values())))
        return price * (HOURS_PER_MONTH if self.per == "hour" else 1)


# A bill has $15.00 for 595 hours in eu-west-1. LCUs, $0.008 an hour each, depend on use.
LOAD_BALANCER = Rate(
    {"eu-west-1": 0.0252, "us-east-1": 0.0225},
    "hour",
    "https://cal53.calculator.city/aws-alb-cost-calculator/ and a bill",
    "2026-07",
)
# In each zone; regional gateways cost the same in each they are in.
NAT_GATEWAY = Rate(
    {"eu-west-1": 0.048, "us-east-1": 0.045},
    "hour",
    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/20260925174521/eu-west-1/index.json "
    "and https://cloudburn.io/blog/aws-nat-gateway-pricing",
    "2026-09-25",
)
# The same bill has $8.91 for 1,783 hours.
PUBLIC_ADDRESS = Rate(
    {"eu-west-1": 0.005, "us-east-1": 0.005},
    "hour",
    "https://cloudburn.io/blog/aws-nat-gateway-pricing and a bill",
    "2026-07",
)
# In each zone. The least certain row: calculated from a bill in euros by its price of NAT gateways.
INTERFACE_ENDPOINT = Rate(
    {"eu-west-1": 0.011, "us-east-1": 0.01},
    "hour",
    "https://cloudcostkit.com/calculators/aws-vpc-interface-endpoint-cost-calculator and a bill",
    "2026-01-29",
)
WEB_ACL = Rate({"eu-west-1": 5.0}, "month", "https://c3x.dev/blog/aws-waf-cost-explained/", "2026")
WEB_ACL_RULE = Rate({"eu-west-1": 1.0}, "month", "https://c3x.dev/blog/aws-waf-cost-explained/", "2026")
ALARM_METRIC = Rate(
    {"us-east-1": 0.10}, "month", "https://github.com/vreutova/infracost-idem-support/pull/2", "2026-05"
)
# The first three of an account are free, but counted here, since a template does not know which.
DASHBOARD = Rate(
    {"us-east-1": 3.0}, "month", "https://github.com/nishinoshake/aws-rough/issues/37", "2022-04-29"
)
KEY = Rate({"eu-west-1": 1.0}, "month", "https://cloudburn.io/blog/aws-kms-pricing", "2026-03-14")
# PostgreSQL in one zone; in two, instance and storage cost twice as much. Larger ones are not looked up.
_RDS_SOURCE = "https://infratally.com/articles/aws-rds-pricing-explained-2026.html"
DATABASE = {
    "db.t4g.micro": Rate({"us-east-1": 0.016}, "hour", _RDS_SOURCE, "2026"),
    "db.t4g.small": Rate({"us-east-1": 0.032}, "hour", _RDS_SOURCE, "2026"),
    "db.t4g.medium": Rate({"us-east-1": 0.065}, "hour", _RDS_SOURCE, "2026"),
}
# A capacity unit of Aurora Serverless v2; storage, reads and writes cost by use.
CAPACITY_UNIT = Rate(
    {"us-east-1": 0.12}, "hour", "https://c3x.dev/blog/aws-aurora-serverless-v2-cost/", "2026"
)
# Of gp3, a GiB.
DATABASE_STORAGE = Rate(
    {"us-east-1": 0.115},
    "month",
    "https://www.usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator/",
    "2026-06",
)
SECRET = Rate(
    {"eu-west-1": 0.40},
    "month",
    "https://hivebook.wiki/wiki/aws-secrets-manager-rotated-secrets-dynamic-db-credentials-kms",
    "2026",
)


@dataclass(frozen=True, kw_only=True)
class TaskPrice:
    """The price of tasks of one size, of which the first `on_demand_tasks` are not on Spot."""

    vcpu: float
    memory_gb: float
    architecture: str
    region: str
    on_demand_tasks: int

    @property
    def rate_region(self) -> str:
        """Return the region whose rates are used: the service's own if the table has it."""
        first = next(iter(FARGATE))[0]
        return self.region if (self.region, self.architecture) in FARGATE else first

    def usd_per_hour(self, tasks: int) -> float:
        """Return what this many tasks cost in an hour."""
        rate = FARGATE[self.rate_region, self.architecture]
        task = self.vcpu * rate.vcpu + self.memory_gb * rate.gb
        on_demand = min(tasks, self.on_demand_tasks)
        return task * (on_demand + SPOT_SHARE * (tasks - on_demand))
