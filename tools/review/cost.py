"""Calculate what a template's resources cost a month: idle, with the fewest and the most tasks."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tools import prices
from tools.assembly import Properties, Service, Template, of_type, services, without_hash
from tools.prices import FARGATE, HOURS_PER_MONTH, Rate, TaskPrice
from tools.review import unpriced
from tools.review.reasons import Reason

# The autoscaler makes two alarms for each metric it tracks:
# https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
_ALARMS_OF_A_POLICY = 2
# A monthly bill that grows by more than this share and this amount is to be looked at.
_NOTABLE_SHARE, _NOTABLE_USD = 0.1, 10


class Cost(NamedTuple):
    """USD a month. `unknown` are types without a price, and how many there are; they are not in it."""

    fixed: float
    at_min: float
    at_max: float
    unknown: dict[str, int]
    by_use: dict[str, int]
    region: str
    priced_as: str
    uncounted: list[str]


def cost(template: Template, *, region: str) -> Cost:
    """Return the monthly cost of a template's resources."""
    types = Counter(resource["Type"] for resource in template["Resources"].values())
    fixed = sum(count * rate.monthly(region) for count, rate in _standing(template))
    running = services(template)
    known = region in prices.LOAD_BALANCER.usd and any(name == region for name, _ in FARGATE)
    return Cost(
        fixed=fixed,
        at_min=fixed + sum(_tasks(each, each.min_tasks, region) for each in running),
        at_max=fixed + sum(_tasks(each, each.max_tasks, region) for each in running),
        unknown={name: count for name, count in sorted(types.items()) if not _known(name)},
        by_use={name: count for name, count in sorted(types.items()) if name in unpriced.BY_USE},
        region=region,
        priced_as=region if known else next(iter(prices.LOAD_BALANCER.usd)),
        uncounted=sorted(_billed_beside(template)),
    )


_COUNTED = frozenset(
    [
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::EC2::EIP",
        "AWS::EC2::NatGateway",
        "AWS::EC2::VPCEndpoint",
        "AWS::ECS::Service",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::KMS::Key",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::SecretsManager::Secret",
        "AWS::WAFv2::WebACL",
    ]
)


# The class of a cluster's instances that grow and shrink.
_SERVERLESS = "db.serverless"


def _billed_beside(template: Template) -> Iterator[str]:
    """Yield resources with a property that is billed by itself."""
    for logical_id, resource in template["Resources"].items():
        size = resource.get("Properties", {}).get("DBInstanceClass")
        if resource["Type"] == "AWS::RDS::DBCluster":
            yield f"{without_hash(logical_id)}.MaxCapacity"
        if size and size not in prices.DATABASE and size != _SERVERLESS:
            yield f"{without_hash(logical_id)}.DBInstanceClass"
        for path in unpriced.BILLED_BESIDE.get(resource["Type"], ()):
            value: Any = resource.get("Properties", {})
            for step in path.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            if value and not any(free in str(value) for free in unpriced.FREE_VALUES):
                yield f"{without_hash(logical_id)}.{path.rpartition('.')[2]}"


def _known(type_name: str) -> bool:
    # A custom resource is a call of a function, paid by use.
    return type_name in unpriced.FREE | unpriced.BY_USE | _COUNTED or type_name.startswith("Custom::")


def _standing(template: Template) -> Iterator[tuple[float, Rate]]:
    for balancer in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        yield 1, prices.LOAD_BALANCER
        if balancer.get("Scheme") == "internet-facing":
            yield len(balancer.get("Subnets", [])), prices.PUBLIC_ADDRESS
    zones = {str(each.get("AvailabilityZone")) for each in of_type(template, "AWS::EC2::Subnet")}
    for gateway in of_type(template, "AWS::EC2::NatGateway"):
        regional = gateway.get("AvailabilityMode") == "regional"
        yield len(zones) if regional else 1, prices.NAT_GATEWAY
        # A regional gateway gets its addresses from AWS, one in each zone.
        yield len(zones) if regional else 0, prices.PUBLIC_ADDRESS
    yield len(of_type(template, "AWS::EC2::EIP")), prices.PUBLIC_ADDRESS
    for endpoint in of_type(template, "AWS::EC2::VPCEndpoint"):
        if endpoint.get("VpcEndpointType") == "Interface":
            yield len(endpoint.get("SubnetIds", [])), prices.INTERFACE_ENDPOINT
    for acl in of_type(template, "AWS::WAFv2::WebACL"):
        yield 1, prices.WEB_ACL
        yield len(acl.get("Rules", [])), prices.WEB_ACL_RULE
    for alarm in of_type(template, "AWS::CloudWatch::Alarm"):
        metrics = [each for each in alarm.get("Metrics", []) if "MetricStat" in each]
        yield len(metrics) or 1, prices.ALARM_METRIC
    for policy in of_type(template, "AWS::ApplicationAutoScaling::ScalingPolicy"):
        yield (
            _ALARMS_OF_A_POLICY if policy.get("PolicyType") == "TargetTrackingScaling" else 0,
            prices.ALARM_METRIC,
        )
    yield len(of_type(template, "AWS::CloudWatch::Dashboard")), prices.DASHBOARD
    yield from _databases(template)
    yield len(of_type(template, "AWS::KMS::Key")), prices.KEY
    yield len(of_type(template, "AWS::SecretsManager::Secret")), prices.SECRET


def _databases(template: Template) -> Iterator[tuple[float, Rate]]:
    for database in of_type(template, "AWS::RDS::DBInstance"):
        zones_paid = 2 if database.get("MultiAZ") else 1
        if rate := prices.DATABASE.get(str(database.get("DBInstanceClass"))):
            yield zones_paid, rate
        yield zones_paid * int(database.get("AllocatedStorage", 0)), prices.DATABASE_STORAGE
        # The administrator's secret, which RDS makes.
        yield 1 if database.get("ManageMasterUserPassword") else 0, prices.SECRET
    for cluster in of_type(template, "AWS::RDS::DBCluster"):
        # The fewest units: what it takes beyond them, a template does not know.
        fewest = float(cluster.get("ServerlessV2ScalingConfiguration", {}).get("MinCapacity", 0))
        members = [
            each
            for each in of_type(template, "AWS::RDS::DBInstance")
            if each.get("DBInstanceClass") == _SERVERLESS
        ]
        yield fewest * len(members), prices.CAPACITY_UNIT
        yield 1 if cluster.get("ManageMasterUserPassword") else 0, prices.SECRET


def _tasks(service: Service, tasks: int, region: str) -> float:
    task = service.task
    price = TaskPrice(
        vcpu=int(task["Cpu"]) / 1024,
        memory_gb=int(task["Memory"]) / 1024,
        architecture=task.get("RuntimePlatform", {}).get("CpuArchitecture", "X86_64"),
        region=region,
        on_demand_tasks=_on_demand(service.properties, tasks),
    )
    network = service.properties.get("NetworkConfiguration", {}).get("AwsvpcConfiguration", {})
    addresses = tasks if network.get("AssignPublicIp") == "ENABLED" else 0
    return price.usd_per_hour(tasks) * HOURS_PER_MONTH + addresses * prices.PUBLIC_ADDRESS.monthly(region)


def _on_demand(service: Properties, tasks: int) -> int:
    """Return how many of these tasks are not on Spot."""
    strategies = {each["CapacityProvider"]: each for each in service.get("CapacityProviderStrategy", [])}
    if not strategies.get("FARGATE_SPOT", {}).get("Weight"):
        return tasks
    return int(strategies.get("FARGATE", {}).get("Base", 0))


def costlier(old: Cost, new: Cost) -> list[Reason]:
    """Return a reason if the bill grows by a notable amount."""
    grows = [(old.at_min, new.at_min), (old.at_max, new.at_max)]
    fresh = sorted({*new.uncounted} - {*old.uncounted})
    if fresh:
        return [Reason("look", f"it costs more, by what is not counted: {', '.join(fresh)}")]
    if not any(now > before * (1 + _NOTABLE_SHARE) and now > before + _NOTABLE_USD for before, now in grows):
        return []
    least, most = (f"${before:,.0f} → ${now:,.0f}" for before, now in grows)
    return [Reason("look", f"it costs more: {least} a month with the fewest tasks, {most} with the most")]
