"""The environments. All their differences fit on one screen; what is not said here is a default."""

from infra.environment import Environment
from infra.environment.alarms import Alarms
from infra.environment.domain import Domain
from infra.environment.egress import NatGateways
from infra.environment.ingress import Waf
from infra.environment.load_balancer import NewLoadBalancer
from infra.environment.network import NewVpc
from infra.environment.scaling import ScalingTargets
from infra.tasks import Tasks

DEV = Environment(
    name="dev",
    tasks=Tasks(min=1, max=2, cpu=256, memory_mib=512, spot="always"),
    proxy="none",
    scaling=ScalingTargets(in_cooldown_s=120),
    alarms=Alarms(roll_back_deployments=False),
    log_retention_days=7,
    removal="destroy",
)

STAGING = Environment(
    name="staging",
    tasks=Tasks(min=2, max=4, spot="above_min"),
    network=NewVpc(egress=NatGateways(count=1), flow_log_days=14),
    load_balancer=NewLoadBalancer(waf=Waf(mode="count"), log_days=14),
    domain=Domain(name="staging.example.com", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com"),
    tls_to_tasks=True,
    log_retention_days=14,
    container_insights=True,
    removal="destroy",
)

PROD = Environment(
    name="prod",
    tasks=Tasks(min=2, max=10, spot="above_min"),
    network=NewVpc(egress=NatGateways(count=2), flow_log_days=14),
    load_balancer=NewLoadBalancer(waf=Waf(mode="block"), log_days=90),
    domain=Domain(name="www.example.com", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com"),
    tls_to_tasks=True,
    log_retention_days=30,
    container_insights=True,
    removal="retain",
)

ENVIRONMENTS = (DEV, STAGING, PROD)


class UnknownEnvironmentError(LookupError):
    """No environment has this name."""


def find(name: str) -> Environment:
    """The environment of this name; raises UnknownEnvironmentError, which says which there are."""
    for environment in ENVIRONMENTS:
        if environment.name == name:
            return environment
    names = ", ".join(environment.name for environment in ENVIRONMENTS)
    raise UnknownEnvironmentError(f"there is no environment '{name}': choose one of {names}")
