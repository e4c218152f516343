"""Describe the environments that the kit's own tests use; a team's are in infra/environments.py."""

from infra.parameters import (
    PREVIEW_BOUNDARY,
    Alarms,
    Domain,
    Environment,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    Pipeline,
    ScalingTargets,
    SharedLoadBalancer,
    Tasks,
    Waf,
)

DEV = Environment(
    name="dev",
    tasks=Tasks(min=1, max=2, cpu=256, memory_mib=512, spot="always"),
    scaling=ScalingTargets(in_cooldown_s=120),
    alarms=Alarms(roll_back_deployments=False),
    log_days=7,
    removal="destroy",
)

STAGING = Environment(
    name="staging",
    tasks=Tasks(min=2, max=4, spot="above_min"),
    network=NewVpc(cidr="10.1.0.0/16", egress=NatGateways(count=1), log_days=14),
    load_balancer=NewLoadBalancer(waf=Waf(mode="count"), log_days=14),
    domain=Domain(
        name="staging.example.com",
        aliases=("*.preview.example.com",),
        hosted_zone_id="Z0EXAMPLE",
        hosted_zone_name="example.com",
    ),
    tls_to_tasks=True,
    log_days=14,
    container_insights=True,
    removal="destroy",
)

PROD = Environment(
    name="prod",
    tasks=Tasks(min=2, max=10, spot="above_min"),
    network=NewVpc(cidr="10.2.0.0/16", egress=NatGateways(count=2), log_days=14),
    load_balancer=NewLoadBalancer(waf=Waf(mode="count"), log_days=90),
    domain=Domain(name="www.example.com", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com"),
    alarms=Alarms(email="ops@example.com"),
    tls_to_tasks=True,
    log_days=30,
    container_insights=True,
    removal="retain",
)

ENVIRONMENTS = (DEV, STAGING, PROD)

PIPELINE: Pipeline | None = None


def preview(number: int) -> Environment:
    """Return the environment of a pull request."""
    return Environment(
        name=f"pr-{number}",
        tasks=Tasks(min=1, max=1, cpu=256, memory_mib=512, spot="always"),
        load_balancer=SharedLoadBalancer(owner="staging", rule_priority=1000 + number % 49_000),
        domain=Domain(name=f"pr-{number}.preview.example.com"),
        alarms=Alarms(roll_back_deployments=False),
        log_days=3,
        removal="destroy",
        tags={"expires-after-days": "7"},
        bootstrap_qualifier="preview",
        permissions_boundary=PREVIEW_BOUNDARY,
    )
