"""Sum what all environments of one account and region can need, and compare it with what AWS gives.

Quotas are those of an account that never asked for more; a new one may have less at first. Each was read on
2026-11-30 on the page beside it; docs/deploy-checklist.md lists them.
https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from infra.parameters.aurora import NewDatabase
from infra.parameters.egress import NatGateways, RegionalNat
from infra.parameters.environment import Environment
from infra.parameters.load_balancer import NewLoadBalancer, SharedLoadBalancer
from infra.parameters.network import NewVpc
from infra.parameters.secrets import NewSecret
from infra.parameters.subnets import DEPLOYING, most_tasks


class Quota(NamedTuple):
    """A quota of an account in one region, by the codes of Service Quotas."""

    service: str
    code: str
    name: str
    default: int
    source: str


_FARGATE = "https://docs.aws.amazon.com/general/latest/gr/ecs-service.html"
_VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
_BALANCER = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
ON_DEMAND = Quota("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6, _FARGATE)
SPOT = Quota("fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6, _FARGATE)
VPCS = Quota("vpc", "L-F678F1CE", "VPCs per Region", 5, _VPC)
ADDRESSES = Quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5, _VPC)
BALANCERS = Quota(
    "elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50, _BALANCER
)
LISTENERS = Quota(
    "elasticloadbalancing", "L-B6DF7632", "Listeners per Application Load Balancer", 50, _BALANCER
)
LOG_GROUPS = Quota(
    "logs",
    "L-C7B9AAAB",
    "Log groups",
    1_000_000,
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
)
SECRETS = Quota(
    "secretsmanager",
    "L-2F66C23C",
    "Secrets in each Region",
    500_000,
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html",
)
# As many as an environment makes at most; a test counts those of every choice.
_MOST_LOG_GROUPS, _MOST_LISTENERS = 12, 3
RULES = Quota("elasticloadbalancing", "L-7EED9B64", "Rules per Application Load Balancer", 100, _BALANCER)


class Need(NamedTuple):
    """Count what the environments of one account and region need of a quota, each by its name."""

    quota: Quota
    account: str | None
    region: str
    by: dict[str, float]

    @property
    def total(self) -> float:
        """Return the sum over the environments."""
        return sum(self.by.values())

    @property
    def command(self) -> str:
        """Return the command that asks AWS for as much."""
        return (
            f"aws service-quotas request-service-quota-increase --region {self.region} --service-code "
            f"{self.quota.service} --quota-code {self.quota.code} --desired-value {_whole(self.total)}"
        )

    def exceeds(self, limit: float, *, whose: str) -> str | None:
        """Return a sentence if the need is above the limit, with what each environment needs."""
        if self.total <= limit:
            return None
        shares = ", ".join(f"{name} {amount:g}" for name, amount in self.by.items() if amount)
        return (
            f"{self.quota.name}: {self.total:g} may be needed at once, during deployments ({shares}), but "
            f"{whose} has {limit:g}. Ask for more, which AWS answers in minutes to days: {self.command}"
        )


def needs(environments: Sequence[Environment]) -> Iterator[Need]:
    """Yield what is needed of each quota, for each account and region."""
    places = dict.fromkeys((each.account, each.region) for each in environments)
    for account, region in places:
        here = [each for each in environments if (each.account, each.region) == (account, region)]
        for quota, amount in _AMOUNTS.items():
            by = {each.name: amount(each) for each in here}
            # The VPC that every account begins with is one of them.
            by |= {"the default VPC": 1} if quota is VPCS and any(by.values()) else {}
            yield Need(quota, account, region, by)
        yield from _of_balancers(here, account, region)


def _on_demand(environment: Environment) -> float:
    tasks = environment.tasks
    # One more for the release command.
    once = 1 if environment.release_command else 0
    steady = {"never": most_tasks(environment), "above_min": tasks.min, "always": 0}[tasks.spot]
    workers = sum(each.max * each.size(tasks).cpu for each in environment.workers)
    jobs = sum(each.size(tasks).cpu for each in environment.jobs)
    return ((DEPLOYING * steady + once) * tasks.cpu + DEPLOYING * workers + jobs) / 1024


def _spot(environment: Environment) -> float:
    tasks, most = environment.tasks, most_tasks(environment)
    steady = {"never": 0, "above_min": most - tasks.min, "always": most}[tasks.spot]
    return DEPLOYING * steady * tasks.cpu / 1024


def _vpcs(environment: Environment) -> float:
    own = isinstance(environment.network, NewVpc) and not _shares(environment)
    # A database has a VPC of its own beside it.
    return own + (own and isinstance(environment.database, NewDatabase))


def _addresses(environment: Environment) -> float:
    network = environment.network
    if not isinstance(network, NewVpc) or _shares(environment):
        return 0
    match network.egress:
        case NatGateways() as egress:
            return egress.count
        case RegionalNat():
            return len(environment.availability_zones)
    return 0


def _balancers(environment: Environment) -> float:
    return isinstance(environment.load_balancer, NewLoadBalancer)


def _shares(environment: Environment) -> bool:
    return isinstance(environment.load_balancer, SharedLoadBalancer)


def _log_groups(_: Environment) -> float:
    return _MOST_LOG_GROUPS


def _secrets(environment: Environment) -> float:
    return sum(isinstance(each, NewSecret) for each in environment.secrets.values())


def _of_balancers(here: Sequence[Environment], account: str | None, region: str) -> Iterator[Need]:
    """Yield what each load balancer needs: other ones of the account take nothing of its quotas."""
    owners: dict[str, dict[str, float]] = {}
    for each in here:
        if isinstance(each.load_balancer, NewLoadBalancer):
            yield Need(LISTENERS, account, region, {each.name: _MOST_LISTENERS})
        if isinstance(each.load_balancer, SharedLoadBalancer):
            owners.setdefault(each.load_balancer.owner, {})[each.name] = 1
    for by in owners.values():
        yield Need(RULES, account, region, by)


_AMOUNTS: dict[Quota, Callable[[Environment], float]] = {
    ON_DEMAND: _on_demand,
    SPOT: _spot,
    VPCS: _vpcs,
    ADDRESSES: _addresses,
    BALANCERS: _balancers,
    LOG_GROUPS: _log_groups,
    SECRETS: _secrets,
}
QUOTAS = (*_AMOUNTS, LISTENERS, RULES)


def _whole(amount: float) -> int:
    return -int(-amount // 1)
