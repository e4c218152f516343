"""List the findings that follow from what an environment chooses, which the kit accepts with a reason."""

from collections.abc import Callable
from typing import NamedTuple

from infra.parameters import (
    Aurora,
    BlueGreen,
    CloudFront,
    Endpoints,
    Environment,
    ExistingVpc,
    Internet,
    NewLoadBalancer,
    NewVpc,
    Postgres,
    PublicIps,
)


class Choice(NamedTuple):
    """Findings of some rules on a resource, accepted in each environment that `when` is true for."""

    rules: tuple[str, ...]
    resource: str
    when: Callable[[Environment], bool]
    reason: str


def _plain_http(environment: Environment) -> bool:
    return environment.domain is None


def _redirects(environment: Environment) -> bool:
    return environment.domain is not None and environment.domain.redirect_http


def _open_on_port_80(environment: Environment) -> bool:
    balancer = _new_balancer(environment)
    internet = balancer is not None and isinstance(balancer.ingress, Internet)
    return internet and (_plain_http(environment) or _redirects(environment))


def _wildcard(environment: Environment) -> bool:
    return environment.domain is not None and any(name.startswith("*.") for name in environment.domain.names)


def _new_vpc(environment: Environment) -> NewVpc | None:
    return environment.network if isinstance(environment.network, NewVpc) else None


def _new_balancer(environment: Environment) -> NewLoadBalancer | None:
    balancer = environment.load_balancer
    return balancer if isinstance(balancer, NewLoadBalancer) else None


def _cloudfront(environment: Environment) -> CloudFront | None:
    balancer = _new_balancer(environment)
    return balancer.ingress if balancer and isinstance(balancer.ingress, CloudFront) else None


def _public_ips(environment: Environment) -> bool:
    # Behind another environment's load balancer the network is that environment's, and here the default.
    network = environment.network
    if isinstance(network, ExistingVpc):
        return network.tasks_in == "public"
    return isinstance(network.egress, PublicIps)


def _always(_environment: Environment) -> bool:
    return True


def _postgres(environment: Environment) -> Postgres | None:
    return environment.database if isinstance(environment.database, Postgres) else None


def _aurora(environment: Environment) -> Aurora | None:
    return environment.database if isinstance(environment.database, Aurora) else None


_BALANCER = "FrontDoorLoadBalancer"
_DESTROYED = "removal is 'destroy': this environment is made to be thrown away."
_ONE_CALL = "It runs only while CloudFormation or an event waits for it, one call at a time."
_NO_LIMIT = ("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117")


def _of_a_database(begins: str, has: Callable[[Environment], bool]) -> tuple[Choice, ...]:
    return (
        Choice(
            ("SecretsManager.1", "CKV_AWS_149"),
            f"{begins}App",
            has,
            "The stack of the service rotates it; nothing but the tasks reaches the database.",
        ),
        Choice(
            ("EC2.6", "EC2.55", "EC2.56"),
            f"{begins}Vpc",
            has,
            "Only the database is in it, which needs no endpoint and logs who connects.",
        ),
    )


CHOICES = (
    Choice(("CloudFormation.3",), "the stack", lambda e: e.removal == "destroy", _DESTROYED),
    Choice(("ELB.6",), _BALANCER, lambda e: e.removal == "destroy", _DESTROYED),
    Choice(
        ("EC2.6",),
        "NetworkVpc",
        lambda e: (vpc := _new_vpc(e)) is not None and vpc.log_days is None,
        "network.log_days is not set: flow logs are paid by the gigabyte.",
    ),
    Choice(
        ("EC2.55", "EC2.56"),
        "NetworkVpc",
        lambda e: (vpc := _new_vpc(e)) is not None and not isinstance(vpc.egress, Endpoints),
        "network.egress is not Endpoints(), which cost as much as a NAT gateway; images come over TLS.",
    ),
    Choice(
        ("ECS.2",),
        "*Service",
        _public_ips,
        "Public IPs save a NAT gateway; security groups admit nobody but the load balancer.",
    ),
    Choice(
        ("ECS.12", "CKV_AWS_65"),
        "WebCapacityCluster",
        lambda e: not e.container_insights,
        "container_insights is False: they are paid by the metric; the load balancer's are free.",
    ),
    *(
        Choice(
            ("ELB.1", "ELB.18", "CKV_AWS_2", "CKV_AWS_103"),
            listener,
            _plain_http,
            "domain is not set: without it there is no certificate, so no HTTPS.",
        )
        for listener in (f"{_BALANCER}Http", f"{_BALANCER}Test")
    ),
    Choice(
        ("ELB.18",),
        f"{_BALANCER}Http",
        _redirects,
        "Port 80 redirects whoever types the name without https://, as ELB.1 asks.",
    ),
    Choice(
        ("ELB.5", "CKV_AWS_91"),
        _BALANCER,
        lambda e: (balancer := _new_balancer(e)) is not None and balancer.log_days is None,
        "load_balancer.log_days is not set: the service logs its requests itself.",
    ),
    Choice(
        ("ELB.16",),
        _BALANCER,
        lambda e: (balancer := _new_balancer(e)) is not None and balancer.waf is None,
        "load_balancer.waf is not set: a firewall is paid by the month and by the request.",
    ),
    Choice(
        ("CKV_AWS_192",),
        f"{_BALANCER}WafAcl",
        lambda e: (
            (balancer := _new_balancer(e)) is not None
            and balancer.waf is not None
            and balancer.waf.mode == "count"
        ),
        "load_balancer.waf.mode is 'count': requests are counted first, and blocked once the log was read.",
    ),
    *(
        Choice(
            ("ELB.21", "ELB.22"),
            group,
            lambda e: not e.tls_to_tasks,
            "tls_to_tasks is False: behind the load balancer, requests stay inside the VPC.",
        )
        for group in ("Targets", "Alternates")
    ),
    Choice(
        ("EC2.18", "EC2.19"),
        f"{_BALANCER}Group",
        lambda e: isinstance(e.deployment, BlueGreen) and e.deployment.test_port is not None,
        "deployment.test_port is open to the same addresses as the service itself.",
    ),
    Choice(
        ("CKV_AWS_260",),
        f"{_BALANCER}Group",
        _open_on_port_80,
        "A public website: port 80 redirects to HTTPS, or answers where there is no certificate.",
    ),
    Choice(
        ("CKV2_AWS_71",),
        "FrontDoorDomainCertificate",
        _wildcard,
        "domain.aliases has a wildcard, so that environments without a certificate can share this one.",
    ),
    Choice(
        ("CloudFront.1",),
        "FrontDoorDistribution",
        lambda e: _cloudfront(e) is not None,
        "The root is a page of the app, not a file.",
    ),
    Choice(
        ("CloudFront.5", "CKV_AWS_86"),
        "FrontDoorDistribution",
        lambda e: _cloudfront(e) is not None,
        "The service logs every request but those answered from the cache, which are of static files.",
    ),
    Choice(
        ("CloudFront.6", "CKV_AWS_68"),
        "FrontDoorDistribution",
        lambda e: (ingress := _cloudfront(e)) is not None and ingress.web_acl_arn is None,
        "load_balancer.ingress.web_acl_arn is not set: a firewall is paid by the month and by the request.",
    ),
    Choice(
        ("S3.9", "CKV_AWS_18", "CKV_AWS_21"),
        f"{_BALANCER}LogsBucket",
        lambda e: (balancer := _new_balancer(e)) is not None and balancer.log_days is not None,
        "It holds logs, which nobody changes; a log of reading the log would never end.",
    ),
    Choice(
        ("SecretsManager.1",),
        "Secrets*",
        lambda e: bool(e.secrets),
        "Only you know how a secret is rotated; a new value restarts the service.",
    ),
    Choice(
        ("CKV_AWS_149",),
        "Secrets*",
        lambda e: bool(e.secrets),
        "AWS's own key encrypts it; a key of yours costs $1 a month and can be lost.",
    ),
    Choice(
        ("RDS.5", "CKV_AWS_157"),
        "DatabaseInstance",
        lambda e: (database := _postgres(e)) is not None and not database.multi_az,
        "database.multi_az is False: without its zone it is gone, which costs half.",
    ),
    Choice(
        ("RDS.8", "CKV_AWS_293"),
        "DatabaseInstance",
        lambda e: _postgres(e) is not None and e.removal == "destroy",
        f"{_DESTROYED} A snapshot stays.",
    ),
    Choice(
        ("RDS.15",),
        "AuroraCluster",
        lambda e: (database := _aurora(e)) is not None and not database.multi_az,
        "database.multi_az is False: without its zone it is gone, which costs half.",
    ),
    Choice(
        ("RDS.7",),
        "AuroraCluster",
        lambda e: _aurora(e) is not None and e.removal == "destroy",
        f"{_DESTROYED} A snapshot stays.",
    ),
    *_of_a_database("Database", lambda e: _postgres(e) is not None),
    *_of_a_database("Aurora", lambda e: _aurora(e) is not None),
    Choice(
        ("CKV_AWS_27",),
        "Worker*Work*",
        lambda e: any(each.queue for each in e.workers),
        "SQS's own key encrypts it; a key of yours costs $1 a month.",
    ),
    Choice(
        ("CKV_AWS_27",),
        "JobsNotStarted",
        lambda e: bool(e.jobs),
        "SQS's own key encrypts it; a key of yours costs $1 a month.",
    ),
    Choice(
        ("SecretsManager.1", "CKV_AWS_149"),
        "CacheApp",
        lambda e: e.cache is not None,
        "docs/cache.md says how to change it; nothing but the tasks reaches the cache.",
    ),
    Choice(
        ("EC2.6", "EC2.55", "EC2.56"),
        "CacheVpc",
        lambda e: e.cache is not None,
        "Only the cache is in it, which needs no endpoint and which tasks alone reach.",
    ),
    Choice(
        ("S3.9", "CKV_AWS_18"),
        "UploadsBucket",
        lambda e: e.uploads is not None,
        "Only the app's tasks read and write it, and the app's log says who asked them to.",
    ),
    Choice(
        ("CKV_AWS_166",),
        "BackupVault",
        lambda e: e.vault is not None,
        "AWS Backup's own key encrypts it; a key of yours costs $1 a month.",
    ),
    Choice(("CKV_AWS_158",), "*Log", _always, "AWS's own key encrypts it; a key of yours costs $1 a month."),
    Choice(("CKV_AWS_26",), "MonitoringTopic", _always, "Alarms go out by mail: nothing in them is secret."),
    Choice(_NO_LIMIT, "Custom*Handler", _always, f"A function of the CDK's own. {_ONE_CALL}"),
    Choice(_NO_LIMIT, "ProtectionSwitchFunction", lambda e: e.removal == "retain", _ONE_CALL),
    Choice(_NO_LIMIT, "ReleaseRunFunction", lambda e: bool(e.release_words), _ONE_CALL),
    Choice((*_NO_LIMIT, "CKV_AWS_173"), "RotationRestartFunction", lambda e: bool(e.all_secrets), _ONE_CALL),
    Choice(
        (*_NO_LIMIT, "CKV_AWS_173"),
        "SleeperSwitchFunction",
        lambda e: e.sleep is not None,
        "It answers only while the service sleeps, and what it does it may do twice.",
    ),
    Choice(
        (*_NO_LIMIT, "CKV_AWS_173"),
        "DatabaseRotationRotateFunction",
        lambda e: _postgres(e) is not None or _aurora(e) is not None,
        _ONE_CALL,
    ),
)
