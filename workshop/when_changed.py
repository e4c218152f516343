"""Find what happens to a running stack when a parameter changes, for the column in docs/parameters.md.

Each parameter has a pair of environments that differ in it alone. The review judges the two templates.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from infra.application import build_app
from infra.parameters import (
    Alarms,
    Aurora,
    BlueGreen,
    BuildImage,
    Canary,
    Cidrs,
    CloudFront,
    DatabaseBudget,
    Domain,
    Endpoints,
    Environment,
    ExistingDatabase,
    ExistingLoadBalancer,
    ExistingVpc,
    HealthCheck,
    ImageByDigest,
    InsideVpc,
    Job,
    Linear,
    Mail,
    NatGateways,
    NewLoadBalancer,
    NewSecret,
    NewVpc,
    Postgres,
    Queue,
    Rolling,
    Routing,
    ScalingTargets,
    Schedule,
    SecretsManagerSecret,
    SecureParameter,
    SharedLoadBalancer,
    Sidecar,
    SlackChannel,
    Sleep,
    Tasks,
    TeamsChannel,
    Uploads,
    Valkey,
    Waf,
    Worker,
)
from tools.assembly import Template, templates
from tools.review.resources import Change
from tools.review.verdict import Judgement, Pair, judgements
from workshop.parameters_page import KEPT

_ACCOUNT = "123456789012"
_CERTIFICATE = f"arn:aws:acm:us-east-1:{_ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012"
_BALANCERS = f"arn:aws:elasticloadbalancing:eu-west-1:{_ACCOUNT}"
_SECRET = f"arn:aws:secretsmanager:eu-west-1:{_ACCOUNT}:secret:web-AbCdEf"
_KEY = f"arn:aws:kms:eu-west-1:{_ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
_IMAGE = partial(ImageByDigest, repository="registry.example.com/web", digest=f"sha256:{'a' * 64}")
_DOMAIN = partial(Domain, name="www.example.org", hosted_zone_id="Z0EXAMPLE", hosted_zone_name="example.org")
_UUID = "12345678-1234-1234-1234-123456789012"
_SLACK = partial(SlackChannel, workspace_id="T0", channel_id="C0")
_TEAMS = partial(TeamsChannel, tenant_id=_UUID, team_id=_UUID, channel_id="19%3aa%40thread.tacv2")
_FEW = Tasks(max=2, threads=4)
_EXISTING_DATABASE = partial(
    ExistingDatabase,
    host="db.example.com",
    name="shop",
    user="shop",
    password=SecureParameter(name="/web/password"),
    max_connections=2000,
)
_SIDECAR = partial(Sidecar, name="agent", image=f"a.example.com/b@sha256:{'c' * 64}")
_WORKER = partial(Worker, name="mail", command=("python", "-m", "shop.mail"), queue=Queue())
_JOB = partial(Job, name="nightly", schedule="rate(1 day)", command=("true",), overlap="allow")
_MORNING = Schedule(name="morning", cron="0 6 ? * MON-FRI *", min=4, max=10)
_VPC = partial(
    ExistingVpc,
    vpc_id="vpc-0123456789abcdef0",
    cidr="10.0.0.0/16",
    public_subnet_ids=("subnet-01234567", "subnet-01234568"),
    private_subnet_ids=("subnet-01234569", "subnet-0123456a"),
)
_BALANCER = partial(
    ExistingLoadBalancer,
    arn=f"{_BALANCERS}:loadbalancer/app/a/0123456789abcdef",
    https_listener_arn=f"{_BALANCERS}:listener/app/a/0123456789abcdef/0123456789abcdef",
    security_group_id="sg-0123456789abcdef0",
    rule_priority=5,
    dns_name="a.example.com",
    canonical_hosted_zone_id="Z32O12XQLNTSW2",
)
_JOINED = {"network": _VPC(), "domain": _DOMAIN()}
_BEHIND = {"domain": _DOMAIN(), "network": NewVpc(egress=NatGateways(count=1))}
_CDN = partial(CloudFront, certificate_arn=_CERTIFICATE)


def _of(
    part: str, make: Any, before: dict[str, Any], after: dict[str, Any], **beside: Any
) -> tuple[Any, Any]:
    """Return the arguments of two environments whose `part` differs."""
    return {part: make(**before), **beside}, {part: make(**after), **beside}


def _of_alarms(part: str, make: Any, **after: Any) -> tuple[Any, Any]:
    return {"alarms": Alarms(**{part: make()})}, {"alarms": Alarms(**{part: make(**after)})}


def _sidecar(**after: Any) -> tuple[Any, Any]:
    return {"sidecars": (_SIDECAR(),)}, {"sidecars": (_SIDECAR(**after),)}


def _schedule(**after: Any) -> tuple[Any, Any]:
    made = (_MORNING, _MORNING.model_copy(update=after))
    before, changed = ({"scaling": ScalingTargets(schedules=(each,))} for each in made)
    return before, changed


def _worker(**after: Any) -> tuple[Any, Any]:
    return {"workers": (_WORKER(),)}, {"workers": (_WORKER(**after),)}


def _job(**after: Any) -> tuple[Any, Any]:
    return {"jobs": (_JOB(),)}, {"jobs": (_JOB(**after),)}


def _tasks(**after: Any) -> tuple[Any, Any]:
    return {}, {"tasks": Tasks(**after)}


def _check(**after: Any) -> tuple[Any, Any]:
    return {}, {"health_check": HealthCheck(**after)}


def _scaling(**after: Any) -> tuple[Any, Any]:
    return {}, {"scaling": ScalingTargets(**after)}


def _balancer(**after: Any) -> tuple[Any, Any]:
    return {}, {"load_balancer": NewLoadBalancer(**after)}


def _waf(**after: Any) -> tuple[Any, Any]:
    return {"load_balancer": NewLoadBalancer(waf=Waf())}, {"load_balancer": NewLoadBalancer(waf=Waf(**after))}


def _vpc(**after: Any) -> tuple[Any, Any]:
    return {}, {"network": NewVpc(**after)}


def _ingress(before: Any, after: Any, **beside: Any) -> tuple[Any, Any]:
    return _of("load_balancer", NewLoadBalancer, {"ingress": before}, {"ingress": after}, **beside)


def _shared(before: dict[str, Any], after: dict[str, Any]) -> tuple[Any, Any]:
    shared = partial(SharedLoadBalancer, owner="owner", rule_priority=3)
    return _of("load_balancer", shared, before, after, domain=Domain(name="a.b.example.org"))


# The class and the parameter, and two environments: what is not said has its default.
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Environment.name": ({}, {"name": "other"}),
    "Environment.account": ({"account": _ACCOUNT}, {"account": "210987654321"}),
    "Environment.region": (
        {},
        {"region": "eu-central-1", "availability_zones": ("eu-central-1a", "eu-central-1b")},
    ),
    "Environment.availability_zones": (
        {},
        {"availability_zones": ("eu-west-1a", "eu-west-1b", "eu-west-1c")},
    ),
    "Environment.image": ({}, {"image": _IMAGE()}),
    "Environment.tasks": _tasks(max=20),
    "Environment.proxy": ({}, {"proxy": "apache"}),
    "Environment.tls_to_tasks": ({"domain": _DOMAIN()}, {"domain": _DOMAIN(), "tls_to_tasks": True}),
    "Environment.max_body_mib": ({}, {"max_body_mib": 5}),
    "Environment.health_check": _check(path="/status"),
    "Environment.variables": ({}, {"variables": {"GREETING": "hello"}}),
    "Environment.sidecars": (
        {},
        {"sidecars": (_SIDECAR(memory_mib=64),)},
    ),
    **{
        f"Sidecar.{name}": _sidecar(**{name: value})
        for name, value in {
            "name": "other",
            "image": f"a.example.com/b@sha256:{'d' * 64}",
            "command": ("run",),
            "variables": {"LEVEL": "debug"},
            "user": "10002",
            "memory_mib": 32,
            "writable_paths": ("/data",),
            "essential": True,
            "starts": "after",
            "health_command": ("true",),
        }.items()
    },
    "Schedule.name": _schedule(name="early"),
    "Schedule.cron": _schedule(cron="0 5 ? * MON-FRI *"),
    "Schedule.min": _schedule(min=3),
    "Schedule.max": _schedule(max=8),
    "Environment.trace_percent": ({}, {"trace_percent": 5}),
    "Environment.log_days": ({}, {"log_days": 14}),
    "Environment.scaling": _scaling(cpu_percent=50),
    "Environment.deployment": ({}, {"deployment": BlueGreen()}),
    "Environment.routing": ({}, {"routing": Routing(algorithm="round_robin")}),
    "Environment.container_insights": ({}, {"container_insights": True}),
    "Environment.execute_command": ({}, {"execute_command": True}),
    "Environment.longest_request_s": ({}, {"longest_request_s": 60}),
    "Environment.secrets": ({}, {"secrets": {"API_KEY": NewSecret()}}),
    "Environment.release_command": ({}, {"release_command": ("flask", "db", "upgrade")}),
    "Environment.release_timeout_s": (
        {"release_command": ("flask", "db", "upgrade")},
        {"release_command": ("flask", "db", "upgrade"), "release_timeout_s": 600},
    ),
    "Environment.database": ({}, {"database": DatabaseBudget(max_connections=2000)}),
    "Environment.cache": ({}, {"cache": Valkey()}),
    "Environment.uploads": ({}, {"uploads": Uploads()}),
    "Environment.mail": ({"domain": _DOMAIN()}, {"domain": _DOMAIN(), "mail": Mail(domain="example.org")}),
    "Mail.domain": _of(
        "mail", Mail, {"domain": "example.org"}, {"domain": "m.example.org"}, domain=_DOMAIN()
    ),
    "Environment.sleep": ({"removal": "destroy"}, {"removal": "destroy", "sleep": Sleep()}),
    "Sleep.after_idle_minutes": (
        {"removal": "destroy", "sleep": Sleep()},
        {"removal": "destroy", "sleep": Sleep(after_idle_minutes=60)},
    ),
    "Sleep.although_retained": (
        {"removal": "destroy", "sleep": Sleep()},
        {"removal": "destroy", "sleep": Sleep(although_retained=True)},
    ),
    "Environment.workers": ({}, {"workers": (_WORKER(),)}),
    "Worker.name": _worker(name="post"),
    "Worker.command": _worker(command=("python", "-m", "shop.post")),
    "Worker.queue": _worker(queue=None),
    "Worker.min": _worker(min=2),
    "Worker.max": _worker(max=8),
    "Worker.longest_job_s": _worker(longest_job_s=30),
    "Worker.connections": (
        {"workers": (_WORKER(),), "database": DatabaseBudget(max_connections=2000)},
        {"workers": (_WORKER(connections=2),), "database": DatabaseBudget(max_connections=2000)},
    ),
    "Worker.cpu": _worker(cpu=1024, memory_mib=2048),
    "Worker.memory_mib": _worker(cpu=512, memory_mib=2048),
    "Queue.attempts": _worker(queue=Queue(attempts=5)),
    "Queue.backlog_per_task": _worker(queue=Queue(backlog_per_task=50)),
    "Queue.oldest_s": _worker(queue=Queue(oldest_s=600)),
    "Environment.jobs": ({}, {"jobs": (_JOB(),)}),
    "Job.name": _job(name="daily"),
    "Job.command": _job(command=("false",)),
    "Job.connections": (
        {"jobs": (_JOB(),), "database": DatabaseBudget(max_connections=2000)},
        {"jobs": (_JOB(connections=2),), "database": DatabaseBudget(max_connections=2000)},
    ),
    "Job.cpu": _job(cpu=1024, memory_mib=2048),
    "Job.memory_mib": _job(cpu=512, memory_mib=2048),
    "Job.schedule": _job(schedule="rate(1 hour)"),
    "Job.time_zone": _job(time_zone="Europe/Berlin"),
    "Job.timeout_s": _job(timeout_s=600),
    "Job.overlap": (
        {"jobs": (_JOB(),), "database": _EXISTING_DATABASE()},
        {"jobs": (_JOB(overlap="skip"),), "database": _EXISTING_DATABASE()},
    ),
    "Environment.network": ({}, {"network": _VPC()}),
    "Environment.load_balancer": (_JOINED, {**_JOINED, "load_balancer": _BALANCER()}),
    "Environment.domain": ({}, {"domain": _DOMAIN()}),
    "Environment.alarms": ({}, {"alarms": Alarms(email="ops@example.com")}),
    "Environment.removal": ({}, {"removal": "destroy"}),
    "Environment.tags": ({}, {"tags": {"team": "web"}}),
    "Environment.bootstrap_qualifier": ({}, {"bootstrap_qualifier": "other"}),
    "Environment.permissions_boundary": ({}, {"permissions_boundary": "limit"}),
    "BuildImage.target": ({}, {"image": BuildImage(target="service")}),
    "BuildImage.build_args": ({}, {"image": BuildImage(build_args={"BASE": "a"})}),
    "BuildImage.github_cache": ({}, {"image": BuildImage(github_cache=True)}),
    "ImageByDigest.repository": _of("image", _IMAGE, {}, {"repository": "registry.example.com/other"}),
    "ImageByDigest.digest": _of("image", _IMAGE, {}, {"digest": f"sha256:{'b' * 64}"}),
    "ImageByDigest.credentials_secret_arn": _of("image", _IMAGE, {}, {"credentials_secret_arn": _SECRET}),
    "Tasks.min": _tasks(min=3),
    "Tasks.max": _tasks(max=20),
    "Tasks.cpu": _tasks(cpu=1024, memory_mib=2048),
    "Tasks.memory_mib": _tasks(memory_mib=2048),
    "Tasks.architecture": _tasks(architecture="X86_64"),
    "Tasks.spot": _tasks(spot="above_min"),
    "Tasks.workers": _tasks(workers=3),
    "Tasks.threads": _tasks(threads=8),
    "Tasks.queue_s": _tasks(queue_s=3),
    "Tasks.streams": _tasks(streams=8),
    "Tasks.ephemeral_storage_gib": _tasks(ephemeral_storage_gib=50),
    "Tasks.worker_mib": _tasks(worker_mib=150),
    "HealthCheck.path": _check(path="/status"),
    "HealthCheck.codes": _check(codes="200-299"),
    "HealthCheck.interval_s": _check(interval_s=20),
    "HealthCheck.timeout_s": _check(timeout_s=3),
    "HealthCheck.healthy_count": _check(healthy_count=3),
    "HealthCheck.unhealthy_count": _check(unhealthy_count=4),
    "HealthCheck.grace_s": _check(grace_s=120),
    "ScalingTargets.saturation_percent": _scaling(saturation_percent=60),
    "ScalingTargets.cpu_percent": _scaling(cpu_percent=50),
    "ScalingTargets.memory_percent": _scaling(memory_percent=70),
    "ScalingTargets.requests_per_task_per_minute": _scaling(requests_per_task_per_minute=1000),
    "ScalingTargets.response_time_s": _scaling(response_time_s=1),
    "ScalingTargets.out_cooldown_s": _scaling(out_cooldown_s=120),
    "ScalingTargets.in_cooldown_s": _scaling(in_cooldown_s=600),
    "ScalingTargets.fast_metrics": _scaling(fast_metrics=True),
    "ScalingTargets.predict": _scaling(predict="forecast"),
    "ScalingTargets.schedules": _scaling(schedules=(_MORNING,)),
    "ScalingTargets.time_zone": _of(
        "scaling",
        ScalingTargets,
        {"schedules": (_MORNING,)},
        {"schedules": (_MORNING,), "time_zone": "Europe/Paris"},
    ),
    "Rolling.failures_allowed": ({}, {"deployment": Rolling(failures_allowed=5)}),
    "Rolling.alternate": ({}, {"deployment": Rolling(alternate=True)}),
    "Rolling.tls_change": ({}, {"deployment": Rolling(tls_change="prepare")}),
    "BlueGreen.bake_minutes": _of("deployment", BlueGreen, {}, {"bake_minutes": 20}),
    "BlueGreen.test_port": _of("deployment", BlueGreen, {}, {"test_port": 8443}),
    "Canary.bake_minutes": _of("deployment", Canary, {}, {"bake_minutes": 20}),
    "Canary.test_port": _of("deployment", Canary, {}, {"test_port": 8443}),
    "Canary.percent": _of("deployment", Canary, {}, {"percent": 20}),
    "Canary.step_minutes": _of("deployment", Canary, {}, {"step_minutes": 20}),
    "Linear.bake_minutes": _of("deployment", Linear, {}, {"bake_minutes": 20}),
    "Linear.test_port": _of("deployment", Linear, {}, {"test_port": 8443}),
    "Linear.percent": _of("deployment", Linear, {}, {"percent": 20}),
    "Linear.step_minutes": _of("deployment", Linear, {}, {"step_minutes": 12}),
    "Routing.algorithm": ({}, {"routing": Routing(algorithm="weighted_random")}),
    "Routing.slow_start_s": ({}, {"routing": Routing(algorithm="round_robin", slow_start_s=60)}),
    "Routing.sticky_s": ({}, {"routing": Routing(sticky_s=3600)}),
    "SecretsManagerSecret.name": (
        {"secrets": {"A": SecretsManagerSecret(name="web/test/a")}},
        {"secrets": {"A": SecretsManagerSecret(name="web/test/b")}},
    ),
    "SecretsManagerSecret.arn": (
        {"secrets": {"B": SecretsManagerSecret(arn=_SECRET)}},
        {"secrets": {"B": SecretsManagerSecret(arn=_SECRET.replace("web", "api"))}},
    ),
    "SecretsManagerSecret.json_key": (
        {"secrets": {"C": SecretsManagerSecret(arn=_SECRET)}},
        {"secrets": {"C": SecretsManagerSecret(arn=_SECRET, json_key="a")}},
    ),
    "SecretsManagerSecret.kms_key_arn": (
        {"secrets": {"D": SecretsManagerSecret(arn=_SECRET)}},
        {"secrets": {"D": SecretsManagerSecret(arn=_SECRET, kms_key_arn=_KEY)}},
    ),
    "SecureParameter.name": (
        {"secrets": {"E": SecureParameter(name="/web/a")}},
        {"secrets": {"E": SecureParameter(name="/web/b")}},
    ),
    "SecureParameter.kms_key_arn": (
        {"secrets": {"F": SecureParameter(name="/web/a")}},
        {"secrets": {"F": SecureParameter(name="/web/a", kms_key_arn=_KEY)}},
    ),
    **{
        f"Postgres.{name}": _of("database", Postgres, {}, {name: value}, tasks=_FEW)
        for name, value in {
            "pool_size": 8,
            "reserved": 20,
            "instance": "t4g.medium",
            "multi_az": False,
            "storage_gib": 40,
            "max_storage_gib": 200,
            "backup_days": 30,
            "version": "17",
            "name": "shop",
            "cidr": "10.253.0.0/24",
        }.items()
    },
    **{
        f"Valkey.{name}": _of("cache", Valkey, {}, {name: value})
        for name, value in {
            "max_storage_gb": 2,
            "max_ecpu_per_second": 10_000,
            "backup_days": 0,
            "cidr": "10.252.0.0/24",
        }.items()
    },
    **{
        f"Uploads.{name}": _of("uploads", Uploads, {}, {name: value})
        for name, value in {
            "max_mib": 20,
            "content_types": ("image/png",),
            "expire_days": 90,
            "deleted_days": 7,
        }.items()
    },
    **{
        f"Aurora.{name}": _of(
            "database", Aurora, given, {**given, name: value}, tasks=_FEW, longest_request_s=45
        )
        for name, value, given in (
            ("pool_size", 8, {}),
            ("reserved", 20, {}),
            ("min_acu", 1, {}),
            ("max_acu", 8, {}),
            ("pause_after_s", 600, {"min_acu": 0, "pool_size": 0}),
            ("multi_az", False, {}),
            ("backup_days", 30, {}),
            ("version", "18", {}),
            ("name", "shop", {}),
            ("cidr", "10.253.0.0/24", {}),
        )
    },
    **{
        f"ExistingDatabase.{name}": _of("database", _EXISTING_DATABASE, {}, {name: value})
        for name, value in {
            "pool_size": 8,
            "reserved": 20,
            "max_connections": 3000,
            "host": "other.example.com",
            "port": 5433,
            "name": "other",
            "user": "other",
            "password": SecureParameter(name="/web/other"),
        }.items()
    },
    "DatabaseBudget.max_connections": _of(
        "database", DatabaseBudget, {"max_connections": 2000}, {"max_connections": 3000}
    ),
    "DatabaseBudget.pool_size": _of(
        "database", DatabaseBudget, {"max_connections": 2000}, {"max_connections": 2000, "pool_size": 8}
    ),
    "DatabaseBudget.reserved": _of(
        "database", DatabaseBudget, {"max_connections": 2000}, {"max_connections": 2000, "reserved": 20}
    ),
    "NewVpc.egress": _vpc(egress=NatGateways(count=2)),
    "NewVpc.cidr": _vpc(cidr="10.1.0.0/16"),
    "NewVpc.data_subnets": _vpc(data_subnets=True),
    "NewVpc.dual_stack": _vpc(dual_stack=True),
    "NewVpc.log_days": _vpc(log_days=14),
    "NatGateways.count": _of(
        "network", lambda count: NewVpc(egress=NatGateways(count=count)), {"count": 1}, {"count": 2}
    ),
    "Endpoints.services": _of(
        "network",
        lambda services: NewVpc(egress=Endpoints(services=services)),
        {"services": ()},
        {"services": ("sqs",)},
    ),
    "ExistingVpc.vpc_id": _of("network", _VPC, {}, {"vpc_id": "vpc-0123456789abcdef1"}),
    "ExistingVpc.cidr": _of("network", _VPC, {}, {"cidr": "10.1.0.0/16"}),
    "ExistingVpc.public_subnet_ids": _of(
        "network", _VPC, {}, {"public_subnet_ids": ("subnet-11234567", "subnet-11234568")}
    ),
    "ExistingVpc.private_subnet_ids": _of(
        "network", _VPC, {}, {"private_subnet_ids": ("subnet-11234569", "subnet-1123456a")}
    ),
    "ExistingVpc.tasks_in": _of("network", _VPC, {}, {"tasks_in": "public"}),
    "ExistingVpc.task_security_group_ids": _of(
        "network", _VPC, {}, {"task_security_group_ids": ("sg-0123456789abcdef1",)}
    ),
    "NewLoadBalancer.ingress": _balancer(ingress=InsideVpc()),
    "NewLoadBalancer.waf": _balancer(waf=Waf()),
    "NewLoadBalancer.log_days": _balancer(log_days=14),
    "NewLoadBalancer.client_keep_alive_s": _balancer(client_keep_alive_s=600),
    "Cidrs.cidrs": _ingress(Cidrs(cidrs=("203.0.113.0/24",)), Cidrs(cidrs=("198.51.100.0/24",))),
    "InsideVpc.cidrs": _ingress(InsideVpc(), InsideVpc(cidrs=("10.9.0.0/16",))),
    "CloudFront.certificate_arn": _ingress(
        _CDN(), _CDN(certificate_arn=_CERTIFICATE.replace("/1", "/2")), **_BEHIND
    ),
    "CloudFront.private": _ingress(_CDN(), _CDN(private=False), **_BEHIND),
    "CloudFront.cached_path": _ingress(_CDN(), _CDN(cached_path="/assets/*"), **_BEHIND),
    "CloudFront.web_acl_arn": _ingress(
        _CDN(), _CDN(web_acl_arn=f"arn:aws:wafv2:us-east-1:{_ACCOUNT}:global/webacl/a/b"), **_BEHIND
    ),
    "Waf.mode": _waf(mode="block"),
    "Waf.requests_per_5_minutes": _waf(requests_per_5_minutes=1000),
    "Waf.anonymous_ips": _waf(anonymous_ips=True),
    "Waf.log_days": _waf(log_days=14),
    "ExistingLoadBalancer.arn": _of(
        "load_balancer",
        _BALANCER,
        {},
        {
            "arn": f"{_BALANCERS}:loadbalancer/app/b/0123456789abcdef",
            "https_listener_arn": f"{_BALANCERS}:listener/app/b/0123456789abcdef/0123456789abcdef",
        },
        **_JOINED,
    ),
    "ExistingLoadBalancer.security_group_id": _of(
        "load_balancer", _BALANCER, {}, {"security_group_id": "sg-0123456789abcdef1"}, **_JOINED
    ),
    "ExistingLoadBalancer.https_listener_arn": _of(
        "load_balancer",
        _BALANCER,
        {},
        {"https_listener_arn": f"{_BALANCERS}:listener/app/a/0123456789abcdef/1123456789abcdef"},
        **_JOINED,
    ),
    "ExistingLoadBalancer.rule_priority": _of(
        "load_balancer", _BALANCER, {}, {"rule_priority": 6}, **_JOINED
    ),
    "ExistingLoadBalancer.dns_name": _of(
        "load_balancer", _BALANCER, {}, {"dns_name": "b.example.com"}, **_JOINED
    ),
    "ExistingLoadBalancer.canonical_hosted_zone_id": _of(
        "load_balancer", _BALANCER, {}, {"canonical_hosted_zone_id": "Z32O12XQLNTSW3"}, **_JOINED
    ),
    "ExistingLoadBalancer.idle_timeout_s": _of(
        "load_balancer", _BALANCER, {}, {"idle_timeout_s": 120}, **_JOINED
    ),
    "SharedLoadBalancer.owner": _shared({"owner": "owner"}, {"owner": "other"}),
    "SharedLoadBalancer.rule_priority": _shared({}, {"rule_priority": 4}),
    "Domain.name": _of("domain", _DOMAIN, {}, {"name": "web.example.org"}),
    "Domain.aliases": _of("domain", _DOMAIN, {}, {"aliases": ("example.org",)}),
    "Domain.certificate_arns": _of(
        "domain", _DOMAIN, {}, {"certificate_arns": (_CERTIFICATE.replace("us-east-1", "eu-west-1"),)}
    ),
    "Domain.hosted_zone_id": _of("domain", _DOMAIN, {}, {"hosted_zone_id": "Z1EXAMPLE"}),
    "Domain.hosted_zone_name": _of("domain", _DOMAIN, {}, {"hosted_zone_name": "www.example.org"}),
    "Domain.redirect_http": _of("domain", _DOMAIN, {}, {"redirect_http": False}),
    "Domain.tls_policy": _of("domain", _DOMAIN, {}, {"tls_policy": "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"}),
    "Alarms.email": ({}, {"alarms": Alarms(email="ops@example.com")}),
    "Alarms.error_percent": ({}, {"alarms": Alarms(error_percent=2)}),
    "Alarms.p95_latency_s": ({}, {"alarms": Alarms(p95_latency_s=2)}),
    "Alarms.monthly_budget_usd": (
        {"alarms": Alarms(email="ops@example.com")},
        {"alarms": Alarms(email="ops@example.com", monthly_budget_usd=500)},
    ),
    "Alarms.slack": ({}, {"alarms": Alarms(slack=_SLACK())}),
    "SlackChannel.workspace_id": _of_alarms("slack", _SLACK, workspace_id="T1"),
    "SlackChannel.channel_id": _of_alarms("slack", _SLACK, channel_id="C1"),
    "Alarms.teams": ({}, {"alarms": Alarms(teams=_TEAMS())}),
    "TeamsChannel.tenant_id": _of_alarms("teams", _TEAMS, tenant_id=_UUID.replace("1", "2")),
    "TeamsChannel.team_id": _of_alarms("teams", _TEAMS, team_id=_UUID.replace("1", "2")),
    "TeamsChannel.channel_id": _of_alarms("teams", _TEAMS, channel_id="19%3ab%40thread.tacv2"),
    "Alarms.roll_back_deployments": ({}, {"alarms": Alarms(roll_back_deployments=False)}),
}
# Changing these makes another stack beside the old one.
_ELSEWHERE = "a new stack; the old one stays"
# What the CLI does beside the template, and what no service does.
_BESIDE = {
    "Environment.name": _ELSEWHERE,
    "Environment.account": _ELSEWHERE,
    "Environment.region": _ELSEWHERE,
    "Environment.tags": "in place",
    # Its next run has it; the service's tasks go on.
    **{f"Job.{name}": "in place" for name in ("command", "cpu", "memory_mib", "timeout_s", "overlap")},
}
# What one deployment would cost, several do not: the parameters that lead through them, and the runbook.
_LED = {
    "Environment.deployment": "[in two deployments](operations.md#from-rolling-to-bluegreen-and-back), tasks "
    "are rolled; refused by AWS in one",
    "Environment.tls_to_tasks": "[in three deployments](operations.md#tls-to-the-tasks-and-back), tasks are "
    "rolled; in one, replaced: TargetGroup",
}
# ECS starts a new deployment when one of these changes:
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
_ROLLS = (
    "TaskDefinition",
    "NetworkConfiguration",
    "LoadBalancers",
    "PlatformVersion",
    "CapacityProviderStrategy",
)
_FELT = "dangerous"


def found(names: Iterable[str] = PAIRS) -> dict[str, str]:
    """Return what happens for each of these parameters, in a few words."""
    told = _BESIDE | _LED
    known = [name for name in names if name not in told]
    made: dict[str, Template] = {}
    for name in known:
        for arguments in PAIRS[name]:
            if repr(arguments) not in made:  # many pairs begin with an environment of defaults
                made[repr(arguments)] = template(**arguments)
    pairs = [Pair(made[repr(before)], made[repr(after)]) for before, after in map(PAIRS.__getitem__, known)]
    words = {name: _words(each) for name, each in zip(known, judgements(pairs), strict=True)}
    return {name: words[name] if name in words else told[name] for name in names}


def template(**arguments: Any) -> Template:
    """Return the template of an environment."""
    environment = Environment(**{"name": "test", **arguments})
    with tempfile.TemporaryDirectory() as folder:
        build_app(environment, *_owner(environment), outdir=folder).synth()
        return templates(Path(folder))[environment.name]


def _owner(environment: Environment) -> list[Environment]:
    """Return the environment whose load balancer it shares, if it does."""
    balancer = environment.load_balancer
    if not isinstance(balancer, SharedLoadBalancer):
        return []
    domain = _DOMAIN(name="b.example.org", aliases=("*.b.example.org",))
    return [Environment(name=balancer.owner, domain=domain)]


def _words(judgement: Judgement) -> str:
    refused = [each for each in judgement.reasons if each.text.startswith("AWS refuses this")]
    gone = [each for each in judgement.changes if each.effect in ("replaced", "removed") and _is_felt(each)]
    stops = [each for each in judgement.changes if each.effect == "interrupted"]
    if refused:
        return "refused by AWS: needs two deployments"
    if gone:
        return f"replaced: {_types(gone)}"
    if stops:
        return f"interrupted: {_types(stops)}"
    if any(_rolls(each) for each in judgement.changes):
        return "tasks are rolled"
    return "in place" if judgement.changes else "nothing"


def _rolls(change: Change) -> bool:
    if change.type == "AWS::ECS::TaskDefinition":
        return change.effect == "updated"
    service = change.type == "AWS::ECS::Service"
    return service and any(each.path in _ROLLS for each in change.properties)


def _is_felt(change: Change) -> bool:
    # Listeners take a new certificate before the old one goes.
    return change.type != "AWS::CertificateManager::Certificate" and any(
        each.verdict == _FELT and not each.what for each in change.judged
    )


def _types(changes: list[Change]) -> str:
    return ", ".join(dict.fromkeys(each.type.rpartition("::")[2] for each in changes))


def main() -> None:
    """Find it for all parameters, or for those that are named, and keep it for `make docs`."""
    parser = argparse.ArgumentParser(prog="python -m workshop.when_changed", description=__doc__)
    parser.add_argument("name", nargs="*", help="Class.parameter; by default all")
    names = parser.parse_args().name or list(PAIRS)
    # The rules that the CDK brings judge one template, not a change.
    os.environ["CDK_VALIDATION"] = "false"
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    told = {**kept, **found(names)}
    KEPT.write_text(json.dumps({name: told[name] for name in PAIRS if name in told}, indent=2) + "\n")


if __name__ == "__main__":
    main()
