"""Generate values that go together, so that most environments pass the first checks."""

from typing import Any

from hypothesis import strategies as st

from infra.parameters import FARGATE_MEMORY_MIB, Domain, ExistingVpc, Parameters
from workshop.campaign.call import Call

ACCOUNT = "123456789012"
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2", "me-central-1", "us-gov-west-1")
ZONE = "example.org"
NAMES = st.sampled_from(
    ("app.example.org", "www.example.org", "*.example.org", "example.org", "a.b.example.org")
)
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
_ELB = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}"

PLAUSIBLE: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Environment", "name"): st.sampled_from(("dev", "prod", "a", "pr-123", "x" * 20)),
    ("Environment", "region"): st.sampled_from(REGIONS),
    ("Environment", "account"): st.sampled_from((None, ACCOUNT)),
    ("Environment", "longest_request_s"): st.integers(5, 120),
    ("Environment", "variables"): st.dictionaries(
        st.sampled_from(("LOG_LEVEL", "TRUSTED_HOSTS", "RATE_LIMIT", "TZ", "OTEL_SERVICE_NAME", "AWS_X")),
        st.text(max_size=10),
        max_size=3,
    ),
    ("Environment", "release_command"): st.sampled_from(
        (("flask", "db", "upgrade"), ("true",), ("sh", "-c", "a; b"))
    ),
    ("Environment", "tags"): st.dictionaries(
        st.sampled_from(("team", "cost-centre", "environment", "a:b")),
        st.sampled_from(("x", "web team", "é")),
        max_size=3,
    ),
    ("Tasks", "workers"): st.integers(1, 5),
    ("Tasks", "threads"): st.integers(1, 20),
    ("Tasks", "worker_mib"): st.integers(16, 200),
    ("Tasks", "min"): st.integers(1, 4),
    ("Tasks", "max"): st.integers(3, 20),
    ("DatabaseBudget", "max_connections"): st.integers(100, 5000),
    ("DatabaseBudget", "pool_size"): st.integers(1, 20),
    ("DatabaseBudget", "reserved"): st.integers(0, 50),
    ("Postgres", "pool_size"): st.integers(1, 20),
    ("Postgres", "reserved"): st.integers(0, 50),
    ("Postgres", "storage_gib"): st.integers(20, 90),
    ("Postgres", "max_storage_gib"): st.integers(80, 200),
    ("Postgres", "name"): st.sampled_from(("app", "shop")),
    ("Postgres", "cidr"): st.sampled_from(("10.254.0.0/24", "10.0.0.0/16")),
    ("Uploads", "max_mib"): st.integers(1, 5120),
    ("Uploads", "content_types"): st.just(("image/png", "text/csv")),
    ("Uploads", "expire_days"): st.none() | st.integers(1, 3650),
    ("Vault", "keep_days"): st.integers(7, 365),
    ("Mail", "domain"): st.sampled_from(("example.com", "letters.example.com")),
    ("Valkey", "max_storage_gb"): st.integers(1, 100),
    ("Valkey", "max_ecpu_per_second"): st.integers(1000, 100_000),
    ("Valkey", "cidr"): st.sampled_from(("10.253.0.0/24", "10.0.0.0/16")),
    ("Aurora", "pool_size"): st.integers(0, 20),
    ("Aurora", "reserved"): st.integers(0, 50),
    ("Aurora", "min_acu"): st.sampled_from((0, 0.5, 1, 8)),
    ("Aurora", "max_acu"): st.sampled_from((1, 4, 64)),
    ("Aurora", "pause_after_s"): st.sampled_from((None, 300, 3600)),
    ("Aurora", "name"): st.sampled_from(("app", "shop")),
    ("Aurora", "cidr"): st.sampled_from(("10.254.0.0/24", "10.0.0.0/16")),
    ("ExistingDatabase", "max_connections"): st.integers(100, 5000),
    ("ExistingDatabase", "pool_size"): st.integers(1, 20),
    ("ExistingDatabase", "reserved"): st.integers(0, 50),
    ("ExistingDatabase", "host"): st.just("db.example.com"),
    ("ExistingDatabase", "name"): st.just("shop"),
    ("ExistingDatabase", "user"): st.just("shop"),
    ("ExistingLoadBalancer", "idle_timeout_s"): st.integers(60, 4000),
    ("NewVpc", "cidr"): st.sampled_from(("10.0.0.0/16", "10.1.0.0/22", "192.168.0.0/20", "172.16.0.0/18")),
    ("ExistingVpc", "cidr"): st.sampled_from(("10.0.0.0/16", "10.1.0.0/24")),
    ("Cidrs", "cidrs"): st.sampled_from((("203.0.113.0/24",), ("2001:db8::/32", "203.0.113.7/32"))),
    ("InsideVpc", "cidrs"): st.sampled_from(((), ("10.9.0.0/16",), ("2001:db8::/32",))),
    ("NatGateways", "count"): st.integers(1, 3),
    ("Endpoints", "services"): st.sampled_from(((), ("sqs",), ("monitoring", "ssmmessages"), ("logs",))),
    ("CloudFront", "certificate_arn"): st.just(CERTIFICATE),
    ("CloudFront", "web_acl_arn"): st.just(f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/a/b"),
    ("Domain", "name"): NAMES,
    ("Domain", "aliases"): st.lists(NAMES, max_size=3, unique=True).map(tuple),
    ("Domain", "certificate_arns"): st.sampled_from(
        ((), (CERTIFICATE,), (CERTIFICATE, CERTIFICATE[:-1] + "3"))
    ),
    ("ExistingLoadBalancer", "arn"): st.just(f"{_ELB}:loadbalancer/app/a/0123456789abcdef"),
    ("ExistingLoadBalancer", "https_listener_arn"): st.just(
        f"{_ELB}:listener/app/a/0123456789abcdef/0123456789abcdef"
    ),
    ("ExistingLoadBalancer", "security_group_id"): st.just("sg-0123456789abcdef0"),
    ("ExistingLoadBalancer", "canonical_hosted_zone_id"): st.just("Z32O12XQLNTSW2"),
    ("SharedLoadBalancer", "owner"): st.sampled_from(("owner", "nobody")),
    ("ScalingTargets", "time_zone"): st.sampled_from(("Europe/Berlin", "Etc/UTC", "America/New_York", "CET")),
    ("Schedule", "cron"): st.sampled_from(("0 20 ? * MON-FRI *", "30 6 1 * ? *", "0 0 * * ? 2030")),
    ("Alarms", "email"): st.sampled_from((None, "ops@example.org")),
    ("Sidecar", "name"): st.sampled_from(("statsd", "agent", "log-router", "web")),
    ("Sidecar", "image"): st.sampled_from(("public.ecr.aws/x/statsd:1.2", "ghcr.io/a/b@sha256:" + "0" * 64)),
    ("Sidecar", "memory_mib"): st.integers(6, 200),
    ("Sidecar", "user"): st.sampled_from(("10001", "0", "1000:1000")),
    ("Sidecar", "writable_paths"): st.sampled_from(((), ("/var/run",), ("/a", "/b"))),
    ("BuildImage", "target"): st.sampled_from((None, "build")),
}


# A field that is left out after all.
ABSENT = object()
_ZONE_OR_NONE: dict[bool, dict[str, Any]] = {
    True: {"hosted_zone_id": "Z0EXAMPLE", "hosted_zone_name": ZONE},
    False: {"hosted_zone_id": ABSENT, "hosted_zone_name": ABSENT},
}
_SECRETS: tuple[dict[str, Any], ...] = (
    {"arn": ABSENT, "name": "web/prod"},
    *(
        {"arn": f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:web-a1B2c3", "name": ABSENT}
        for region in REGIONS
    ),
)


@st.composite
def together(draw: st.DrawFn, model: type[Parameters], given: dict[str, Any]) -> dict[str, Any]:
    """Return fields that only go together, drawn together."""
    match model.__name__:
        case "Environment":
            return draw(_environment(given))
        case "Tasks":
            cpu = draw(st.sampled_from(sorted(FARGATE_MEMORY_MIB)))
            return {"cpu": cpu, "memory_mib": draw(st.sampled_from(FARGATE_MEMORY_MIB[cpu]))}
        case "Domain":
            zone = draw(st.booleans()) or "certificate_arns" not in given
            return _ZONE_OR_NONE[zone]
        case "ExistingVpc":
            return _vpc(draw(st.integers(2, 3)))
        case "Schedule":
            return {"min": draw(st.integers(0, 3)), "max": draw(st.integers(3, 9))}
        case "HealthCheck":
            return {"interval_s": draw(st.integers(5, 30)), "timeout_s": draw(st.integers(2, 5))}
        case "Routing" if "slow_start_s" in given:
            return {"algorithm": "round_robin", "slow_start_s": draw(st.integers(30, 900))}
        case "SecretsManagerSecret":
            return draw(st.sampled_from(_SECRETS))
        case "ScalingTargets":
            return {"cpu_percent": draw(st.integers(10, 90)), "predict": given.get("predict", "off")}
    return {}


@st.composite
def _environment(draw: st.DrawFn, given: dict[str, Any]) -> dict[str, Any]:
    balancer = given.get("load_balancer")
    kind = balancer.model.__name__ if isinstance(balancer, Call) else ""
    region = "eu-west-1" if kind == "SharedLoadBalancer" else given.get("region", "eu-west-1")
    network = given.get("network")
    existing = kind == "ExistingLoadBalancer" or (isinstance(network, Call) and network.model is ExistingVpc)
    letters = "ab" if existing else draw(st.sampled_from(("ab", "abc", "ca", "abcdef")))
    values: dict[str, Any] = {"availability_zones": tuple(f"{region}{letter}" for letter in letters)}
    if existing:
        values["network"] = Call(ExistingVpc, {"cidr": "10.0.0.0/16", **_vpc(2)})
    if kind == "SharedLoadBalancer":
        values |= {"network": ABSENT, "region": region, "account": ABSENT}
    behind_cloudfront = "CloudFront" in repr(balancer)
    if behind_cloudfront:
        values |= {"longest_request_s": draw(st.integers(5, 55))}
    if behind_cloudfront or kind in {"SharedLoadBalancer", "ExistingLoadBalancer"}:
        zone = {"hosted_zone_id": "Z0EXAMPLE", "hosted_zone_name": ZONE}
        values["domain"] = Call(Domain, {"name": "other.example.org", **zone})
    return values


def _vpc(zones: int) -> dict[str, Any]:
    ids = tuple(f"subnet-0123456{number}" for number in range(zones))
    return {"vpc_id": "vpc-01234567", "public_subnet_ids": ids, "private_subnet_ids": ids}
