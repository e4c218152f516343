"""Make a stack for each recipe, called as its docstring says; in the tests this is a team's additions.py."""

from collections.abc import Callable
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_secretsmanager as secretsmanager

from docs.recipes.capacity_reservation import reserve_capacity
from docs.recipes.dns_firewall import allow_names
from docs.recipes.firelens import send_log
from docs.recipes.lifecycle_hooks import add_hooks, smoke_test
from docs.recipes.login import require_login, require_token
from docs.recipes.mutual_tls import require_client_certificates
from docs.recipes.path_rules import PathRules
from docs.recipes.security_group_rules import Rule, join_groups, set_task_rules
from docs.recipes.service_connect import join_service_connect
from docs.recipes.socketio import use_socketio
from docs.recipes.static_assets import serve_static_from_s3
from docs.recipes.static_ips import give_static_ips
from docs.recipes.target_container import send_requests_to
from docs.recipes.target_optimizer import cap_requests
from docs.recipes.task_definition import check_health, override, override_task, restart_in_place
from docs.recipes.values_from_stacks import give_variables
from docs.recipes.volumes import add_disk, share_files
from docs.recipes.zone_failover import fail_over_zones
from infra.application import build_app
from infra.parameters import (
    BlueGreen,
    CloudFront,
    Domain,
    Environment,
    InsideVpc,
    NatGateways,
    NewLoadBalancer,
    NewVpc,
    Routing,
    Tasks,
)
from infra.stack import WebStack

HTTPS: dict[str, Any] = {
    "domain": Domain(name="app.test.dev", hosted_zone_id="Z1", hosted_zone_name="test.dev")
}
CLOUDFRONT: dict[str, Any] = {
    **HTTPS,
    "network": NewVpc(egress=NatGateways(count=1)),
    "load_balancer": NewLoadBalancer(
        ingress=CloudFront(certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1")
    ),
}
INSIDE: dict[str, Any] = {
    **HTTPS,
    "network": NewVpc(egress=NatGateways(count=1)),
    "load_balancer": NewLoadBalancer(ingress=InsideVpc()),
}
LOGIN: dict[str, Any] = {
    "issuer": "https://login.test.dev",
    "authorization_endpoint": "https://login.test.dev/authorize",
    "token_endpoint": "https://login.test.dev/token",
    "user_info_endpoint": "https://login.test.dev/userinfo",
    "client_id": "flask-app",
    "client_secret_name": "test/oidc",
}
TOKEN = {"issuer": "https://login.test.dev", "jwks_endpoint": "https://login.test.dev/jwks.json"}


def security_group_rules(stack: WebStack) -> None:
    https = Rule(peer=ec2.Peer.any_ipv4(), port=ec2.Port.tcp(443), reason="AWS and partners")
    database = Rule(peer=ec2.Peer.ipv4("10.9.0.0/16"), port=ec2.Port.tcp(5432), reason="PostgreSQL")
    metrics = Rule(peer=ec2.Peer.ipv4("10.8.0.0/16"), port=ec2.Port.tcp(9090), reason="Prometheus")
    set_task_rules(stack, egress=[https, database], ingress=[metrics])
    join_groups(stack, export_names=["Database-ClientGroup"])


def service_connect(stack: WebStack) -> None:
    orders = ec2.SecurityGroup(stack, "Orders", vpc=stack.network.vpc)
    join_service_connect(stack, namespace="shop", callers=[orders])


def path_rules(stack: WebStack) -> None:
    rules = PathRules(stack, "PathRules")
    offices = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/25", "192.0.2.128/25"]
    rules.allow_only(prefix="/admin", cidrs=offices)
    rules.redirect(host="old.test.dev", to_host="app.test.dev")
    rules.forward(prefix="/api", target_group=stack.target_group)


def target_container(stack: WebStack) -> None:
    login = stack.task.definition.add_container(
        "login",
        image=ecs.ContainerImage.from_registry("quay.io/oauth2-proxy/oauth2-proxy:v7.15.0"),
        port_mappings=[ecs.PortMapping(container_port=4180)],
        readonly_root_filesystem=True,
        stop_timeout=Duration.seconds(stack.timeouts.stop_timeout_s),
        logging=ecs.LogDrivers.aws_logs(stream_prefix="login", log_group=stack.task.log_group),
    )
    send_requests_to(stack, container=login, adds_forwarded_for=True)


def task_definition(stack: WebStack) -> None:
    override(stack, "web", EntryPoint=["/opt/agent/wrap"])
    override_task(stack, "PidMode", "task")
    check_health(stack)
    restart_in_place(stack, container="proxy")
    stack.task.web.add_ulimits(ecs.Ulimit(name=ecs.UlimitName.NOFILE, soft_limit=65535, hard_limit=65535))
    stack.task.web.add_docker_label("com.example.team", "shop")


def volumes(stack: WebStack) -> None:
    share_files(stack, path="/data")
    add_disk(stack, path="/scratch", gib=100)


def lifecycle_hooks(stack: WebStack) -> None:
    add_hooks(stack, function=smoke_test(stack, paths=["/healthz", "/"]), approval_minutes=60)


def firelens(stack: WebStack) -> None:
    key = secretsmanager.Secret.from_secret_name_v2(stack, "Key", "datadog")
    send_log(
        stack,
        options={"Name": "datadog", "Host": "http-intake.logs.datadoghq.eu", "TLS": "on"},
        secret_options={"apikey": ecs.Secret.from_secrets_manager(key)},
        containers=["web", "proxy"],
    )


Recipe = Callable[[WebStack], object]
# A stack is named after its recipe's file; a plus and a word may follow.
RECIPES: dict[str, tuple[dict[str, Any], Recipe]] = {
    "none": (HTTPS, lambda _: None),
    "task-definition": (HTTPS, task_definition),
    "volumes": (HTTPS, volumes),
    "lifecycle-hooks": ({**HTTPS, "deployment": BlueGreen(test_port=8443)}, lifecycle_hooks),
    "dns-firewall": (HTTPS, lambda stack: allow_names(stack, "api.stripe.com", "*.sentry.io")),
    "firelens": (HTTPS, firelens),
    "socketio": (
        {
            "tasks": Tasks(workers=1),
            "routing": Routing(sticky_s=3600),
            "variables": {"QUEUE": "redis://queue"},
        },
        lambda stack: use_socketio(stack, queue="QUEUE"),
    ),
    "security-group-rules": ({}, security_group_rules),
    "service-connect": ({}, service_connect),
    "path-rules": (HTTPS, path_rules),
    "static-assets": (CLOUDFRONT, serve_static_from_s3),
    "login": (HTTPS, lambda stack: require_login(stack, **LOGIN)),
    "login-token": (INSIDE, lambda stack: require_token(stack, **TOKEN)),
    "mutual-tls": (
        HTTPS,
        lambda stack: require_client_certificates(stack, bucket_name="acme-trust", key="ca.pem", version="1"),
    ),
    "static-ips": (INSIDE, give_static_ips),
    "target-container": ({**HTTPS, "tls_to_tasks": True}, target_container),
    "capacity-reservation": ({}, lambda stack: reserve_capacity(stack, units=100)),
    "target-optimizer": (HTTPS, cap_requests),
    "values-from-stacks": (
        {"release_command": ("true",)},
        lambda stack: give_variables(
            stack, exports={"TRUSTED_HOSTS": "Names-Trusted"}, parameters={"RATE_LIMIT": "/web/rate"}
        ),
    ),
    "zone-failover": (
        {"tasks": Tasks(min=4)},
        lambda stack: fail_over_zones(stack, min_healthy_per_zone=1),
    ),
}


def stack_of(name: str, **changes: Any) -> WebStack:
    """Make an app with one stack, without any recipe."""
    app = build_app(Environment(name=name, **changes))
    stack = app.node.find_child(f"Web-{name}")
    assert isinstance(stack, WebStack)
    return stack


def add(stack: WebStack) -> None:
    """Apply the recipe that the environment is named after."""
    RECIPES[stack.parameters.name][1](stack)
