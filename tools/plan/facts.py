"""Hold every number of AWS's that a plan uses, with its page and when that was read.

Quotas are those of an account that never asked for more. Prices are USD without taxes and discounts, of the
region named; other regions are counted as that one.
"""

from typing import NamedTuple

READ = "2026-11-30"


class Fact(NamedTuple):
    """A number, what it says, and where that is written."""

    value: float
    says: str
    source: str
    of: str = READ


_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"
_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
_BALANCER = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
_NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"
_LCU = "https://handbook.vantage.sh/aws/services/elb-pricing"
_LOGS_PRICE = "https://c3x.dev/resources/aws/aws_cloudwatch_log_group"

TASKS_PER_SERVICE = Fact(5000, "tasks of a service; more on request", _ECS)
LAUNCHES_PER_MINUTE = Fact(500, "tasks that ECS starts for a service on Fargate in a minute; fixed", _ECS)
LAUNCHES_PER_S = Fact(
    20,
    "tasks that Fargate starts for an account in a second, after the first 100; more on request",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html",
)
TARGETS_OF_BALANCER = Fact(1000, "targets of a load balancer (L-7E6692B2); more on request", _BALANCER)
TARGETS_OF_GROUP = Fact(1000, "targets of a target group (L-A0D0B863); more on request", _BALANCER)
INTERFACES = Fact(5000, "network interfaces of a region, one for each task (L-DF5E4CA3); on request", _VPC)
RULES_OF_GROUP = Fact(60, "rules of a security group in one direction; more on request", _VPC)
NAT_PORTS = Fact(55_000, "connections to one destination for each address of a NAT gateway", _NAT)
NAT_GBPS = Fact(100, "Gbit/s of a NAT gateway, which begins with 5 and grows by itself", _NAT)
WAF_RPS = Fact(
    25_000,
    "requests/s of a web ACL on a load balancer; more on request",
    "https://docs.aws.amazon.com/waf/latest/developerguide/limits.html",
    "the user guide that AWS published on GitHub until 2023",
)
LOG_CALLS_PER_S = Fact(
    1500,
    "PutLogEvents of an account in a second, in eu-west-1; 800 in some regions; more on request",
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
    "the user guide that AWS published on GitHub until 2023",
)
LOG_CALL_EVERY_S = Fact(
    5,
    "seconds after which the log driver sends what a container wrote, or 1 MB of it",
    "https://github.com/moby/moby/blob/master/daemon/logger/awslogs/cloudwatchlogs.go",
)
DATABASE_CONNECTIONS = Fact(
    5000,
    "connections of a PostgreSQL of RDS at most; before that, 100 for each GiB",
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
)
LCU_CONNECTIONS = Fact(25, "new connections/s of an LCU", _LCU)
LCU_ACTIVE = Fact(3000, "active connections of an LCU", _LCU)
LCU_GB = Fact(1, "GB/h of an LCU", _LCU)
LCU_RULES = Fact(1000, "rule evaluations/s of an LCU, after the first 10 rules", _LCU)

LCU_HOUR = Fact(0.008, "USD for an LCU and hour, eu-west-1 and us-east-1", _LCU)
LOG_GB = Fact(0.50, "USD for a GB written to CloudWatch Logs, us-east-1", _LOGS_PRICE, "2026")
LOG_GB_MONTH = Fact(0.03, "USD for a GB kept in CloudWatch Logs for a month, us-east-1", _LOGS_PRICE, "2026")
METRIC = Fact(
    0.30,
    "USD for a metric of your own and month, the first 10,000",
    "https://signoz.io/guides/cloudwatch-pricing",
    "2026-02-15",
)
NAT_GB = Fact(
    0.045,
    "USD for a GB through a NAT gateway, us-east-1",
    "https://leanopstech.com/blog/aws-data-transfer-pricing-2026/",
    "2026-04-27",
)
_OUT = "https://www.usage.ai/blogs/aws/networking-cost/data-transfer-costs/"
OUT_GB = Fact(0.09, "USD for a GB to the internet, the first 10 TB of a month, us-east-1", _OUT, "2026-06-02")
OUT_GB_10_TB = Fact(0.085, "USD for a GB to the internet, the next 40 TB", _OUT, "2026-06-02")
OUT_GB_50_TB = Fact(0.07, "USD for a GB to the internet, the next 100 TB", _OUT, "2026-06-02")
OUT_GB_150_TB = Fact(0.05, "USD for a GB to the internet, above 150 TB", _OUT, "2026-06-02")
WAF_MILLION = Fact(
    0.60,
    "USD for a million requests that a web ACL inspects",
    "https://c3x.dev/blog/aws-waf-cost-explained/",
    "2026",
)


def every_fact() -> dict[str, Fact]:
    """Return all facts by name, in the order of this file."""
    return {name: value for name, value in globals().items() if isinstance(value, Fact)}
