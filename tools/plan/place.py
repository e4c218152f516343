"""Read what an environment has, from its template and its parameters."""

import ipaddress
from dataclasses import dataclass

from infra.parameters import POSTGRES_MEMORY_GIB, QUOTAS, Aurora, Environment, Postgres
from tools.assembly import Properties, Template, of_type, references, web_service
from tools.plan.app import App
from tools.rehearsal.from_environment import rehearsed
from tools.rehearsal.simulation import Service
from tools.review.cost import cost
from tools.review.forecast import forecast

# https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_KEPT_BY_AWS = 5
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
_OF_THE_BALANCER = 8
ON_DEMAND, SPOT = ({each.code: each for each in QUOTAS}[code] for code in ("L-3032A538", "L-36FBB829"))


@dataclass(frozen=True, kw_only=True)
class Place:
    """Hold what an environment has for its tasks; None is what its template does not say."""

    service: Service
    spot: str
    workers: int
    threads: int
    memory_gib: float
    region: str
    subnets: tuple[int, ...] | None
    public_addresses: bool
    gateways: int
    to_internet: bool
    waf: bool
    groups: int
    listener_rules: int
    group_rules: int
    logging_containers: int
    log_days: int
    connections_per_task: int
    other_connections: int
    max_connections: int | None
    instance: str | None
    aurora: Aurora | None
    container_insights: bool
    rollout_s: int
    fixed_usd: float


def place(environment: Environment, template: Template, app: App) -> Place:
    """Return what an environment has. Raises NothingToRehearseError if the plan cannot know its scaling."""
    found = web_service(template)
    network = found.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    tasks, database = environment.tasks, environment.database
    pool = (database.pool_size if database else None) or tasks.gunicorn_threads
    deployment = forecast(template)
    return Place(
        service=rehearsed(environment, request_ms=app.request_ms, cpu_ms=app.cpu_ms),
        spot=tasks.spot,
        workers=tasks.gunicorn_workers,
        threads=tasks.gunicorn_threads,
        memory_gib=tasks.memory_mib / 1024,
        region=environment.region,
        subnets=_free(template, network),
        public_addresses=network["AssignPublicIp"] == "ENABLED",
        gateways=_gateways(template),
        to_internet=all(
            each.get("Scheme") == "internet-facing"
            for each in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        ),
        waf=bool(of_type(template, "AWS::WAFv2::WebACL")),
        groups=max(1, len(found.properties.get("LoadBalancers", []))),
        listener_rules=len(of_type(template, "AWS::ElasticLoadBalancingV2::ListenerRule")),
        group_rules=_group_rules(template),
        logging_containers=len([each for each in found.task["ContainerDefinitions"] if _logs(each)]),
        log_days=environment.log_days,
        connections_per_task=tasks.gunicorn_workers * pool if database else 0,
        other_connections=sum(each.max * each.connections for each in environment.workers) if database else 0,
        max_connections=database.max_connections - database.reserved if database else None,
        instance=database.instance if isinstance(database, Postgres) else None,
        aurora=database if isinstance(database, Aurora) else None,
        container_insights=environment.container_insights,
        rollout_s=deployment.done_s if deployment else 0,
        fixed_usd=cost(template, region=environment.region).fixed,
    )


def instance_for(connections: float) -> str:
    """Return the smallest instance of PostgreSQL that accepts so many connections."""
    for name, gib in POSTGRES_MEMORY_GIB.items():
        if Postgres(instance=name).max_connections - Postgres().reserved >= connections:  # type: ignore[arg-type]
            return f"{name} ({gib} GiB)"
    return "none: a pooler, such as RDS Proxy"


def units_for(connections: float, of: Aurora) -> str:
    """Return the least `max_acu` of an Aurora that accepts so many connections."""
    for half_units in range(2, 513):
        units = half_units / 2
        larger = of.model_copy(update={"max_acu": units})
        if units >= of.min_acu and larger.max_connections - larger.reserved >= connections:
            return f"{units:g} ACU"
    higher = "min_acu of 1 or more, or " if of.min_acu < 1 else ""
    return f"none: {higher}a pooler, such as RDS Proxy"


def _free(template: Template, network: Properties) -> tuple[int, ...] | None:
    """Return the addresses for tasks of each subnet; None for a VPC that the template does not make."""
    ids = [each for subnet in network["Subnets"] for each in sorted(references(subnet))]
    resources = template["Resources"]
    if not ids or any(resources.get(each, {}).get("Type") != "AWS::EC2::Subnet" for each in ids):
        return None
    others = [
        each.get("Subnets", []) for each in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
    ]
    endpoints = [each.get("SubnetIds", []) for each in of_type(template, "AWS::EC2::VPCEndpoint")]
    return tuple(
        ipaddress.ip_network(resources[each]["Properties"]["CidrBlock"]).num_addresses
        - _KEPT_BY_AWS
        - _OF_THE_BALANCER * sum(each in references(other) for other in others)
        - sum(each in references(endpoint) for endpoint in endpoints)
        for each in ids
    )


def _gateways(template: Template) -> int:
    zones = {str(each.get("AvailabilityZone")) for each in of_type(template, "AWS::EC2::Subnet")}
    regional = [
        each.get("AvailabilityMode") == "regional" for each in of_type(template, "AWS::EC2::NatGateway")
    ]
    return sum(len(zones) if each else 1 for each in regional)


def _group_rules(template: Template) -> int:
    """Return the most rules of any security group."""
    inline = [
        len(each.get("SecurityGroupIngress", [])) for each in of_type(template, "AWS::EC2::SecurityGroup")
    ]
    beside: dict[str, int] = {}
    for each in of_type(template, "AWS::EC2::SecurityGroupIngress"):
        for group in references(each.get("GroupId")):
            beside[group] = beside.get(group, 0) + 1
    return max([*inline, *beside.values()], default=0)


def _logs(container: Properties) -> bool:
    return bool(container.get("LogConfiguration", {}).get("LogDriver") == "awslogs")
