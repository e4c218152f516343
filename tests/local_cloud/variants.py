"""List environments with the choices that the shipped ones do not make; the local cloud deploys them all."""

from infra.parameters import (
    Alarms,
    Canary,
    Cidrs,
    CloudFront,
    Domain,
    Endpoints,
    Environment,
    InsideVpc,
    Mail,
    NewLoadBalancer,
    NewSecret,
    NewVpc,
    RegionalNat,
    Rolling,
    Routing,
    ScalingTargets,
    Schedule,
    SecureParameter,
    SharedLoadBalancer,
    Sidecar,
    Waf,
)

_ZONE = {"hosted_zone_id": "Z0EXAMPLE", "hosted_zone_name": "example.com"}
_EDGE = CloudFront(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/edge")

CLOSED = Environment(
    name="closed",
    network=NewVpc(egress=Endpoints(services=("sqs",)), data_subnets=True, cidr="10.9.0.0/22"),
    load_balancer=NewLoadBalancer(ingress=InsideVpc(), waf=Waf(anonymous_ips=True)),
    routing=Routing(algorithm="weighted_random", sticky_s=3600),
    execute_command=True,
    sidecars=(Sidecar(name="statsd", image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/statsd:1"),),
    alarms=Alarms(monthly_budget_usd=100),
    variables={"LOG_LEVEL": "debug"},
    secrets={"DRILL_TOKEN": SecureParameter(name="/web/closed/drill-token")},
    removal="destroy",
)
EDGE = Environment(
    name="edge",
    network=NewVpc(egress=RegionalNat(), dual_stack=True),
    load_balancer=NewLoadBalancer(ingress=_EDGE),
    deployment=Canary(),
    scaling=ScalingTargets(fast_metrics=True, memory_percent=80, predict="forecast"),
    domain=Domain.model_validate({"name": "edge.example.com", **_ZONE}),
    removal="destroy",
)
OFFICE = Environment(
    name="office",
    network=NewVpc(dual_stack=True),
    load_balancer=NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24", "2001:db8::/32"))),
    domain=Domain.model_validate({"name": "office.example.com", "redirect_http": False, **_ZONE}),
    mail=Mail(domain="office.example.com"),
    routing=Routing(algorithm="round_robin", slow_start_s=30),
    deployment=Rolling(failures_allowed=3),
    scaling=ScalingTargets(
        requests_per_task_per_minute=1000,
        response_time_s=1.0,
        schedules=(Schedule(name="night", cron="0 20 ? * MON-FRI *", min=0, max=0),),
    ),
    secrets={"DRILL_TOKEN": NewSecret()},
    removal="destroy",
)
GUEST = Environment(
    name="guest",
    load_balancer=SharedLoadBalancer(owner="office", rule_priority=1),
    domain=Domain.model_validate({"name": "guest.example.com", **_ZONE}),
    removal="destroy",
)

VARIANTS = (CLOSED, EDGE, OFFICE, GUEST)
