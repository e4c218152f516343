"""List environments that differ in every choice that a rule looks at."""

from typing import Any

from infra.parameters import (
    Aurora,
    BlueGreen,
    Canary,
    Cidrs,
    CloudFront,
    Domain,
    Endpoints,
    Environment,
    ExistingLoadBalancer,
    ExistingVpc,
    InsideVpc,
    Job,
    NatGateways,
    NewLoadBalancer,
    NewSecret,
    NewVpc,
    Postgres,
    Queue,
    RegionalNat,
    SharedLoadBalancer,
    Sleep,
    Tasks,
    Uploads,
    Valkey,
    Vault,
    Waf,
    Worker,
)

_ACCOUNT = "123456789012"
_CERTIFICATE = f"arn:aws:acm:us-east-1:{_ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
_BALANCERS = f"arn:aws:elasticloadbalancing:eu-west-1:{_ACCOUNT}"


def _domain(name: str, **others: Any) -> Domain:
    return Domain(name=name, hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.com", **others)


def _existing_vpc(**others: Any) -> ExistingVpc:
    return ExistingVpc(
        vpc_id="vpc-0123456789abcdef0",
        cidr="10.0.0.0/16",
        public_subnet_ids=("subnet-01234567", "subnet-01234568"),
        private_subnet_ids=("subnet-01234569", "subnet-0123456a"),
        **others,
    )


# The same words as in README.md.
EU_TEST = Environment(
    name="eu-test",
    region="eu-central-1",
    availability_zones=("eu-central-1a", "eu-central-1b"),
    removal="destroy",
)

DIFFERENT = (
    EU_TEST,
    Environment(
        name="thrown-away",
        removal="destroy",
        domain=_domain("a.example.com"),
        workers=(
            Worker(name="mail", command=("true",), queue=Queue()),
            Worker(name="celery", command=("celery", "worker")),
        ),
        jobs=(Job(name="nightly", schedule="rate(1 day)", command=("true",), overlap="allow"),),
        sleep=Sleep(),
    ),
    Environment(
        name="guarded",
        domain=_domain("b.example.com", aliases=("*.b.example.com",)),
        tls_to_tasks=True,
        container_insights=True,
        execute_command=True,
        network=NewVpc(egress=NatGateways(count=2), log_days=14),
        load_balancer=NewLoadBalancer(waf=Waf(mode="block"), log_days=90),
    ),
    Environment(
        name="counting",
        domain=_domain("c.example.com", redirect_http=False),
        network=NewVpc(egress=RegionalNat()),
        load_balancer=NewLoadBalancer(waf=Waf(mode="count")),
    ),
    Environment(
        name="office",
        network=NewVpc(egress=Endpoints()),
        load_balancer=NewLoadBalancer(ingress=Cidrs(cidrs=("203.0.113.0/24",))),
    ),
    Environment(name="internal", load_balancer=NewLoadBalancer(ingress=InsideVpc())),
    Environment(
        name="cached",
        domain=_domain("d.example.com"),
        network=NewVpc(egress=NatGateways(count=1)),
        load_balancer=NewLoadBalancer(ingress=CloudFront(certificate_arn=_CERTIFICATE)),
    ),
    Environment(
        name="filtered",
        domain=_domain("e.example.com"),
        load_balancer=NewLoadBalancer(
            ingress=CloudFront(
                certificate_arn=_CERTIFICATE,
                private=False,
                web_acl_arn=f"arn:aws:wafv2:us-east-1:{_ACCOUNT}:global/webacl/a/b",
            )
        ),
    ),
    Environment(name="blue-green", deployment=BlueGreen(test_port=8443)),
    Environment(name="canary", domain=_domain("f.example.com"), deployment=Canary(test_port=8080)),
    Environment(name="public-tasks", network=_existing_vpc(tasks_in="public")),
    Environment(
        name="joining",
        network=_existing_vpc(),
        domain=_domain("g.example.com"),
        load_balancer=ExistingLoadBalancer(
            arn=f"{_BALANCERS}:loadbalancer/app/a/0123456789abcdef",
            https_listener_arn=f"{_BALANCERS}:listener/app/a/0123456789abcdef/0123456789abcdef",
            security_group_id="sg-0123456789abcdef0",
            rule_priority=5,
            dns_name="a.example.com",
            canonical_hosted_zone_id="Z32O12XQLNTSW2",
        ),
    ),
    Environment(
        name="sharing",
        domain=Domain(name="h.b.example.com"),
        load_balancer=SharedLoadBalancer(owner="guarded", rule_priority=3),
    ),
    Environment(
        name="releasing", secrets={"SESSION_KEY": NewSecret()}, release_command=("flask", "db", "upgrade")
    ),
    Environment(
        name="keeping",
        database=Postgres(instance="m8g.large"),
        cache=Valkey(),
        uploads=Uploads(),
        vault=Vault(),
    ),
    Environment(
        name="trying",
        removal="destroy",
        database=Postgres(instance="t4g.micro", multi_az=False),
        cache=Valkey(backup_days=0),
        uploads=Uploads(),
        vault=Vault(keep_days=7, locked=False),
        tasks=Tasks(max=2, threads=4),
    ),
    Environment(name="growing", database=Aurora(), tasks=Tasks(max=2, threads=4)),
    Environment(
        name="pausing",
        removal="destroy",
        database=Aurora(min_acu=0, max_acu=1, pool_size=0, multi_az=False),
        longest_request_s=45,
        tasks=Tasks(max=2, threads=4),
    ),
)
