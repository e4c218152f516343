"""Say of each property of an ApplicationLoadBalancedFargateService, in somebody's CDK app, what it is here.

https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.aws_ecs_patterns/ApplicationLoadBalancedFargateService.html
The stack's code is read, not run, so each property is named with what to set, and none is taken over.
"""

import ast
from collections.abc import Iterable
from pathlib import Path

from tools.adopt.detect import parse
from tools.adopt.report import Report
from tools.adopt.rules import Rule, apply, otherwise, yours
from tools.adopt.wishes import Wishes

PATTERN = "ApplicationLoadBalancedFargateService"
_SIZES = "the web container gets what the task has, without the shares of proxy and sidecars"
_ROLLS = "100 and 200 percent, always: no version serves with fewer tasks than it needs"
_TAGS = "always: tasks have the tags of the service, and `tags`"
_NAME = "CloudFormation chooses it: a name of your own stands in the way of a replacement"
PATTERN_RULES: tuple[Rule, ...] = (
    otherwise("assign_public_ip", "follows from `network`: public addresses unless it has NAT gateways"),
    yours("capacity_provider_strategies", "`tasks.spot`"),
    yours("certificate", "`domain.certificate_arns`; without, the stack makes one for the `domain`"),
    otherwise("circuit_breaker", "always, with a rollback: `deployment.failures_allowed`"),
    yours("cloud_map_options", "recipe docs/recipes/service_connect.py"),
    otherwise("cluster", "the stack makes its own, which costs nothing; its VPC: `network=ExistingVpc(...)`"),
    otherwise("container_cpu", _SIZES),
    otherwise("container_memory_limit_mib", _SIZES),
    yours("cpu", "`tasks.cpu`"),
    yours("deployment_controller", "`deployment`: rolling, blue/green, canary or linear"),
    yours("desired_count", "`tasks.min`, from which the autoscaler goes on"),
    yours("domain_name", "`domain.name`"),
    yours("domain_zone", "`domain.hosted_zone_id` and `domain.hosted_zone_name`"),
    otherwise("enable_ecs_managed_tags", _TAGS),
    yours("enable_execute_command", "`execute_command`"),
    yours("ephemeral_storage_gib", "`tasks.ephemeral_storage_gib`"),
    otherwise(
        "health_check",
        "the load balancer checks tasks, at `health_check.path`; one of the container: recipe "
        "docs/recipes/task_definition.py",
    ),
    yours("health_check_grace_period", "`health_check.grace_s`"),
    otherwise("idle_timeout", "follows from `longest_request_s`"),
    yours("ip_address_type", "`network.dual_stack`"),
    otherwise("listener_port", "443 with a `domain`, else 80"),
    yours("load_balancer", "`load_balancer=ExistingLoadBalancer(...)`"),
    otherwise("load_balancer_name", _NAME),
    otherwise("max_healthy_percent", _ROLLS),
    yours("memory_limit_mib", "`tasks.memory_mib`"),
    otherwise("min_healthy_percent", _ROLLS),
    yours("open_listener", "`load_balancer.ingress`: Internet(), Cidrs(...), CloudFront(...) or InsideVpc()"),
    otherwise("platform_version", "the latest"),
    otherwise("propagate_tags", _TAGS),
    otherwise("protocol", "HTTPS with a `domain`, else HTTP"),
    otherwise("protocol_version", "HTTP/2 to clients, HTTP/1.1 to tasks, so no gRPC"),
    yours("public_load_balancer", "`load_balancer.ingress=InsideVpc()` instead of False"),
    otherwise(
        "record_type", "alias records in the zone of the `domain`, for IPv6 too with `network.dual_stack`"
    ),
    yours("redirect_http", "`domain.redirect_http`"),
    yours("runtime_platform", "`tasks.architecture`"),
    yours("security_groups", "recipe docs/recipes/security_group_rules.py"),
    otherwise("service_name", _NAME),
    yours("ssl_policy", "`domain.tls_policy`"),
    yours("target_protocol", "`tls_to_tasks`"),
    yours("task_definition", "recipe docs/recipes/task_definition.py"),
    yours(
        "task_image_options",
        "`variables` and `secrets`; service/Dockerfile builds the image; the kit chooses its ports; log and "
        "labels: `log_days`, recipe docs/recipes/task_definition.py",
    ),
    yours("task_subnets", "`network`: of `NewVpc`, what `egress` asks for; of `ExistingVpc`, `tasks_in`"),
    yours("vpc", "`network=ExistingVpc(...)` with its ids"),
)


def tell_patterns(top: Path, files: Iterable[Path], report: Report) -> None:
    """Report each property of each such service that the files, which are below `top`, define."""
    for path in files:
        tree = parse(path) if PATTERN.encode() in path.read_bytes() else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == PATTERN:
                given = {each.arg or "**": _shown(each.value) for each in node.keywords}
                place = f"{path.relative_to(top)}:{node.lineno}"
                apply(PATTERN_RULES, given, file=place, wishes=Wishes(""), report=report)


def _shown(value: ast.expr) -> str:
    """Return a plain value; what else an expression has in it may be a secret."""
    return ast.unparse(value) if isinstance(value, ast.Constant | ast.Attribute | ast.Name) else ""
