"""List every field of a service's manifest of AWS Copilot, and what becomes of it here.

https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/ and its siblings for the other types.
"""

import math
import re
from collections.abc import Callable
from typing import Any, get_args

from infra.parameters import (
    Cidrs,
    Environment,
    InsideVpc,
    NatGateways,
    NewVpc,
    SecretsManagerSecret,
    SecureParameter,
)
from tools.adopt.rules import Case, Rule, decided, otherwise, taken, yours
from tools.adopt.values import seconds, texts, whole, yes
from tools.adopt.variables import take_secret, take_variable, why_otherwise

RECIPES = "docs/recipes"
_DRAIN = "follows from `longest_request_s`, like every other timeout (docs/lifecycle.md)"
_ONE_COOLDOWN = "one pause for all targets here: `scaling.in_cooldown_s` and `scaling.out_cooldown_s`"
_PORT = "the kit chooses the ports of proxy and Gunicorn, and tells the app's server by PORT"
_COMMAND = "read as what starts the app; Gunicorn's settings are in the kit's service/gunicorn_conf.py"
_NLB = (
    f"recipe {RECIPES}/static_ips.py puts a Network Load Balancer before the load balancer; TCP and UDP "
    "for anything but HTTP are not for this kit"
)
_RULES = f"recipe {RECIPES}/path_rules.py: rules by path or host, networks that may enter, redirects"
_EFS = f"recipe {RECIPES}/volumes.py: `share_files` mounts an EFS file system"
_TOPICS = (
    "a topic is a resource of yours: infra/additions.py makes it, lets the task publish, and adds a "
    "variable with its ARN"
)
_FIRELENS = f"recipe {RECIPES}/firelens.py"
_DEFINITION = f"recipe {RECIPES}/task_definition.py"
_CONTAINER_CHECK = (
    "the load balancer checks tasks by HTTP, and the image has a HEALTHCHECK; for one in "
    f"the task definition: `check_health` of {_DEFINITION}"
)
_WORKER = "`workers` (docs/workers.md)"
_SOCKETS = "requests are HTTP/1.1 between load balancer and tasks"
# Paths that are health checks by their name.
_HEALTH_PATH = re.compile(
    r"/([A-Za-z0-9._~-]+/)*_*[a-z-]*(health|ping|alive|live|ready|heartbeat|status|up|check)[a-z_-]*/?"
)
# Copilot's cookie lasts a day, as the load balancer's default has it.
_STICKY_S = 86400


def _nearest(value: float, low: int, high: int) -> int:
    return max(low, min(high, math.ceil(value)))


def between(
    parameter: str, low: int, high: int, read: Callable[[Any], float] = whole
) -> Callable[[Case], None]:
    """Return a function that takes a number over, or the nearest one that the parameter allows."""

    def take(case: Case) -> None:
        asked = read(case.value)
        number = _nearest(asked, low, high)
        case.set(parameter, number)
        if number == asked:
            case.taken(f"`{parameter}={number}`")
        else:
            case.otherwise(f"`{parameter}={number}`: it is {low} to {high} here")

    return take


def number(field: str, parameter: str, low: int, high: int, read: Callable[[Any], float] = whole) -> Rule:
    """Return the rule of a number that has bounds here."""
    return decided(
        field, "taken over", f"`{parameter}`, {low} to {high}", between(parameter, low, high, read)
    )


def log_days(parameter: str) -> Callable[[Case], None]:
    """Return a function that takes days over, or the next number of them that is offered."""

    def take(case: Case) -> None:
        asked, offered = whole(case.value), get_args(Environment.model_fields["log_days"].annotation)
        days = next((each for each in offered if each >= asked), offered[-1])
        case.set(parameter, days)
        here = f"`{parameter}={days}`"
        case.taken(here) if days == asked else case.otherwise(f"{here}: the next that is offered here")

    return take


def take_health_path(case: Case) -> None:
    """Take the path of a health check over, unless it may be that of a page, which it would hide."""
    path = str(case.value)
    if not _HEALTH_PATH.fullmatch(path) or path in ("/readyz", "/version"):
        case.otherwise(
            "`health_check.path` stays /healthz, which the kit answers: its answer must hide no page of "
            "the app"
        )
        return
    case.set("health_check.path", path)
    case.taken(
        f"`health_check.path='{path}'`: the kit answers it, without asking backends; for these "
        "`register_check` "
        "(docs/your-app.md)"
    )


def _take_codes(case: Case) -> None:
    if str(case.value) == "200":
        case.taken("`health_check.codes='200'`, by default")
    else:
        case.otherwise("`health_check.codes` stays 200, which the kit answers")


def _take_path(case: Case) -> None:
    if str(case.value).strip("/") in ("", "*"):
        case.taken("the service gets every path of its host")
    else:
        case.yours(
            "the service gets every path of its host here; behind a load balancer that several share, a "
            f"prefix needs {_RULES}"
        )


def _take_http(case: Case) -> None:
    if case.value is False:
        case.otherwise(
            "`load_balancer.ingress` is InsideVpc(): a load balancer always stands before the tasks"
        )
        case.set("load_balancer.ingress", InsideVpc())


def _take_sources(case: Case) -> None:
    cidrs = texts(case.value)
    case.set("load_balancer.ingress", Cidrs(cidrs=cidrs))
    case.taken(f"`load_balancer.ingress=Cidrs(cidrs={cidrs!r})`")


def _take_alias(case: Case) -> None:
    names, zones = [], set()
    for each in case.value if isinstance(case.value, list) else [case.value]:
        if isinstance(each, dict):
            zones.add(str(each.get("hosted_zone", "")))
        names.append(str(each["name"] if isinstance(each, dict) else each))
    case.wishes.notes["alias"] = (case.source, tuple(names))
    if zones - {""}:
        case.wishes.notes["zone"] = next(iter(zones - {""}))


def _take_zone(case: Case) -> None:
    case.wishes.notes["zone"] = str(case.value)
    case.yours(
        f"`domain.hosted_zone_id='{case.value}'` goes with `domain.hosted_zone_name`, which no manifest "
        "has: set both, and the stack makes certificate and DNS records"
    )


def _take_version(case: Case) -> None:
    if str(case.value) == "grpc":
        case.yours("gRPC is not for this kit: it serves Flask, which speaks HTTP/1.1")
    else:
        case.otherwise(f"{_SOCKETS}; browsers still speak HTTP/2 with the load balancer")


def _take_platform(case: Case) -> None:
    value = case.value.get("architecture", "") if isinstance(case.value, dict) else case.value
    system = (
        case.value.get("osfamily", "linux")
        if isinstance(case.value, dict)
        else str(case.value).partition("/")[0]
    )
    if "windows" in str(system).lower():
        case.yours("Windows is not for this kit: its image is Linux, and Flask needs nothing else")
        return
    arm = "arm64" in str(value).lower()
    case.set("tasks.architecture", "ARM64" if arm else "X86_64")
    case.taken(f"`tasks.architecture='{'ARM64' if arm else 'X86_64'}'`")


def _take_count(case: Case) -> None:
    count = whole(case.value)
    case.set("tasks.min", max(1, count))
    case.set("tasks.max", max(1, count))
    if count < 1:
        case.otherwise("`tasks.min=1`: for no tasks at times there are `scaling.schedules`")
    else:
        case.taken(f"`tasks.min={count}, max={count}`")


def _take_spot_count(case: Case) -> None:
    _take_count(case)
    case.set("tasks.spot", "always")
    case.report.taken(case.source, case.value, "`tasks.spot='always'`")


def _take_range(case: Case) -> None:
    low, _, high = str(case.value).partition("-")
    case.set("tasks.min", max(1, whole(low)))
    case.set("tasks.max", whole(high))
    case.taken(f"`tasks.min={max(1, whole(low))}, max={whole(high)}`")


def _take_spot_from(case: Case) -> None:
    first = whole(case.value)
    case.set("tasks.spot", "above_min" if first > 1 else "always")
    here = f"`tasks.spot='{'above_min' if first > 1 else 'always'}'`"
    if first in (1, (case.wishes.get("tasks.min") or 0) + 1):
        case.taken(here)
    else:
        case.otherwise(
            f"{here}: here every task above `tasks.min` is on Spot; raise that to {first - 1} for the same"
        )


def target(
    field: str, parameter: str, low: int, high: int, read: Callable[[Any], float] = whole
) -> tuple[Rule, ...]:
    """Return the rules of a scaling target, which may have a pause of its own."""
    return (
        number(field, parameter, low, high, read),
        number(f"{field}.value", parameter, low, high, read),
        otherwise(f"{field}.cooldown", _ONE_COOLDOWN),
    )


def _take_response_time(case: Case) -> None:
    value = seconds(case.value)
    case.set("scaling.response_time_s", value)
    case.taken(f"`scaling.response_time_s={value:g}`")


def _take_rolling(case: Case) -> None:
    if str(case.value) == "recreate":
        case.otherwise(
            "`deployment` stays Rolling(): old tasks go on until new ones are healthy; stopping all first "
            "would be an outage"
        )
    else:
        case.taken("`deployment` is Rolling(), by default")


def _take_alarms(case: Case) -> None:
    if isinstance(case.value, dict):
        case.otherwise(
            "`alarms.roll_back_deployments` is on: errors and response times roll back; CPU and memory "
            "scale instead"
        )
    else:
        case.yours(
            "alarms on errors and response times roll back here; one of your own is added in "
            "infra/additions.py to the service's deployment"
        )


def _take_placement(case: Case) -> None:
    if isinstance(case.value, dict):
        case.wishes.notes["subnets"] = case.value.get("subnets")
        case.yours("subnets belong to `network=ExistingVpc(...)`: give its ids there")
    elif str(case.value) == "private":
        case.set("network", NewVpc(egress=NatGateways(count=2)))
        case.taken(
            "`network=NewVpc(egress=NatGateways(count=2))`, one for each zone as Copilot has it; "
            "Endpoints() or RegionalNat() may cost less"
        )
    else:
        case.taken("`network.egress` is PublicIps(), unless this environment says otherwise")


def _take_groups(case: Case) -> None:
    if all(isinstance(each, str) for each in case.value):
        case.yours(
            f"`network=ExistingVpc(task_security_group_ids={texts(case.value)!r})`, where the VPC exists"
        )
    else:
        case.yours(f"recipe {RECIPES}/security_group_rules.py: `join_groups(stack, export_names=[...])`")


def _take_variable(case: Case) -> None:
    name = case.source.rpartition(".")[2]
    if isinstance(case.value, dict):
        case.yours(
            f"recipe {RECIPES}/values_from_stacks.py: `give_variables(stack, exports={{'{name}': "
            f"'{case.value.get('from_cfn')}'}})`"
        )
    else:
        take_variable(case.wishes, case.report, case.source, name, case.value, case.wishes.environment)


def _take_secret(case: Case) -> None:
    name, value = case.source.rpartition(".")[2], case.value
    if reason := why_otherwise(name):
        case.otherwise(reason)
    elif isinstance(value, dict) and "secretsmanager" in value:
        take_named_secret(case, name, str(value["secretsmanager"]))
    elif isinstance(value, dict):
        case.yours(
            f"{name} is an export of a stack: read its secret's ARN once, and write `secrets={{'{name}': "
            f"SecretsManagerSecret(arn=...)}}`"
        )
    elif str(value).startswith("arn:") and ":secretsmanager:" in str(value):
        take_named_secret(case, name, str(value))
    elif "$" in str(value):
        take_secret(case.wishes, case.report, case.source, name, case.wishes.environment)
    else:
        _take_parameter(case, name, str(value))


def _take_parameter(case: Case, name: str, value: str) -> None:
    parameter = value.rpartition(":parameter")[2] if value.startswith("arn:") else value
    case.wishes.add("secrets", name, SecureParameter(name=parameter), case.source)
    case.taken(f"`secrets`: {name} is SecureParameter(name='{parameter}'), the same parameter as before")


def take_named_secret(case: Case, name: str, value: str) -> None:
    """Take a secret of Secrets Manager over, if its whole ARN is known; a parameter's ARN gives its name."""
    if ":parameter/" in value:
        _take_parameter(case, name, value)
        return
    arn, key = value, None
    if found := re.fullmatch(
        r"(arn:[^:]+:secretsmanager:[^:]+:\d+:secret:[^:]+?)(?::([^:]*):[^:]*:[^:]*)?", value
    ):
        arn, key = found[1], found[2] or None
        if re.search(r"-[A-Za-z0-9]{6}$", arn):
            case.wishes.add(
                "secrets",
                name,
                SecretsManagerSecret(arn=arn, json_key=key) if key else SecretsManagerSecret(arn=arn),
                case.source,
            )
            case.taken(f"`secrets`: {name} is SecretsManagerSecret(...), the same secret as before")
            return
    secret, _, rest = value.partition(":") if not value.startswith("arn:") else (value, "", "")
    key = key or rest.partition(":")[0] or None
    with_key = f", json_key='{key}'" if key else ""
    case.yours(
        f"{name} needs the secret's whole ARN, which ends in six characters: `aws secretsmanager "
        "describe-secret "
        f"--secret-id {secret} --query ARN`, then `secrets={{'{name}': "
        f"SecretsManagerSecret(arn=...{with_key})}}`"
    )


def _take_ephemeral(case: Case) -> None:
    gib = whole(case.value)
    if gib <= 20:
        case.taken("every task has 20 GiB")
    else:
        between("tasks.ephemeral_storage_gib", 21, 200)(case)


def _take_read_only(case: Case) -> None:
    if yes(case.value):
        case.taken("the root file system is always read-only; /tmp can be written")
    else:
        case.otherwise("the root file system is always read-only: write below /tmp, or mount a folder")


def _take_tracing(case: Case) -> None:
    case.set("trace_percent", 5.0)
    case.taken(
        "`trace_percent=5.0`, as X-Ray's default rule samples; every request then costs more CPU "
        "(docs/your-app.md)"
    )


def _take_type(case: Case) -> None:
    kind = str(case.value)
    if kind == "Backend Service":
        case.set("load_balancer.ingress", InsideVpc())
        case.taken(
            "`load_balancer.ingress=InsideVpc()`; for callers without a load balancer: recipe "
            f"{RECIPES}/service_connect.py"
        )
    elif kind in ("Load Balanced Web Service", "Request-Driven Web Service"):
        case.taken("tasks on Fargate behind a load balancer")
    else:
        case.yours("this kit runs web services: see docs/coming-from.md for workers, jobs and static sites")


def _take_private(case: Case) -> None:
    if case.value is not False:
        case.set("load_balancer.ingress", InsideVpc())
        case.taken("`load_balancer.ingress=InsideVpc()`")


def _take_cluster_command(case: Case) -> None:
    case.wishes.notes.setdefault("commands", []).append((case.source, case.value))


_HEALTH = (
    decided("http.healthcheck", "taken over", "`health_check.path`, but never `/`", take_health_path),
    decided("http.healthcheck.path", "taken over", "`health_check.path`, but never `/`", take_health_path),
    otherwise("http.healthcheck.port", _PORT),
    decided(
        "http.healthcheck.success_codes",
        "set otherwise",
        "`health_check.codes` is 200, which the kit answers",
        _take_codes,
    ),
    number("http.healthcheck.healthy_threshold", "health_check.healthy_count", 2, 10),
    number("http.healthcheck.unhealthy_threshold", "health_check.unhealthy_count", 2, 10),
    number("http.healthcheck.interval", "health_check.interval_s", 5, 300, seconds),
    number("http.healthcheck.timeout", "health_check.timeout_s", 2, 120, seconds),
    number("http.healthcheck.grace_period", "health_check.grace_s", 0, 7200, seconds),
)

SERVICE_RULES: tuple[Rule, ...] = (
    otherwise("name", "stacks are called Web-NAME after their environment, so a service has no name"),
    decided(
        "type",
        "taken over",
        "a web service on Fargate; a backend gets `load_balancer.ingress=InsideVpc()`",
        _take_type,
    ),
    decided("http", "taken over", "`load_balancer`", _take_http),
    decided("http.path", "taken over", f"every path of the host; a prefix: {_RULES}", _take_path),
    yours(
        "http.alb",
        "`load_balancer=ExistingLoadBalancer(...)` asks for the ids of the load balancer; without them "
        "each environment has one of its own",
    ),
    *_HEALTH,
    otherwise("http.deregistration_delay", _DRAIN),
    yours(
        "http.target_container",
        f"recipe {RECIPES}/target_container.py: a sidecar between load balancer and app",
    ),
    otherwise("http.target_port", _PORT),
    decided(
        "http.stickiness",
        "taken over",
        f"`routing.sticky_s={_STICKY_S}`",
        lambda case: (
            (case.set("routing.sticky_s", _STICKY_S), case.taken())
            if yes(case.value)
            else case.taken("clients do not stay with a task, by default")
        ),
    ),
    decided("http.allowed_source_ips", "taken over", "`load_balancer.ingress=Cidrs(...)`", _take_sources),
    decided(
        "http.alias",
        "taken over",
        "`domain`, with the certificates of the environment's manifest",
        _take_alias,
    ),
    decided(
        "http.hosted_zone",
        "left to you",
        "`domain.hosted_zone_id` with `domain.hosted_zone_name`, which no manifest has",
        _take_zone,
    ),
    decided(
        "http.redirect_to_https",
        "taken over",
        "`domain.redirect_http`",
        lambda case: (
            case.wishes.notes.update(redirect=yes(case.value)),
            case.taken(f"`domain.redirect_http={yes(case.value)}`"),
        ),
    ),
    decided("http.version", "set otherwise", f"{_SOCKETS}; gRPC is not for this kit", _take_version),
    decided("http.private", "taken over", "`load_balancer.ingress=InsideVpc()`", _take_private),
    yours(
        "http.private.endpoint",
        "an endpoint of App Runner has no use here: `load_balancer.ingress=InsideVpc()` is reached within "
        "the VPC",
    ),
    yours("http.additional_rules", _RULES),
    yours("nlb", _NLB),
    otherwise(
        "image.build", "the kit's service/Dockerfile builds the image; what yours installs is read from it"
    ),
    yours(
        "image.location",
        "the kit builds its image from your code; an image of the kit that CI has pushed is "
        "`image=ImageByDigest(...)`",
    ),
    yours(
        "image.credentials", "`ImageByDigest(credentials_secret_arn=...)`, for an image in another registry"
    ),
    yours("image.labels", f"{_DEFINITION}, which has the call for labels"),
    yours(
        "image.depends_on",
        "a sidecar starts before the app with `Sidecar(starts='before', health_command=...)`",
    ),
    otherwise("image.port", _PORT),
    otherwise("image.healthcheck", _CONTAINER_CHECK),
    decided("entrypoint", "set otherwise", _COMMAND, _take_cluster_command),
    decided("command", "set otherwise", _COMMAND, _take_cluster_command),
    taken("cpu", "tasks.cpu", whole),
    taken("memory", "tasks.memory_mib", whole),
    decided("platform", "taken over", "`tasks.architecture`; Windows is not for this kit", _take_platform),
    decided("count", "taken over", "`tasks.min` and `tasks.max`", _take_count),
    decided(
        "count.spot", "taken over", "`tasks.min`, `tasks.max` and `tasks.spot='always'`", _take_spot_count
    ),
    decided("count.range", "taken over", "`tasks.min` and `tasks.max`", _take_range),
    number("count.range.min", "tasks.min", 1, 1000),
    number("count.range.max", "tasks.max", 1, 1000),
    decided(
        "count.range.spot_from",
        "taken over",
        "`tasks.spot='above_min'`: tasks above `tasks.min` are on Spot",
        _take_spot_from,
    ),
    number("count.cooldown.in", "scaling.in_cooldown_s", 0, 86400, seconds),
    number("count.cooldown.out", "scaling.out_cooldown_s", 0, 86400, seconds),
    *target("count.cpu_percentage", "scaling.cpu_percent", 10, 90),
    *target("count.memory_percentage", "scaling.memory_percent", 10, 90),
    *target("count.requests", "scaling.requests_per_task_per_minute", 1, 10_000_000),
    decided("count.response_time", "taken over", "`scaling.response_time_s`", _take_response_time),
    decided("count.response_time.value", "taken over", "`scaling.response_time_s`", _take_response_time),
    otherwise("count.response_time.cooldown", _ONE_COOLDOWN),
    yours("count.queue_delay", _WORKER),
    taken("exec", "execute_command", yes),
    decided(
        "deployment.rolling",
        "taken over",
        "`deployment=Rolling()`; recreate is an outage, and set otherwise",
        _take_rolling,
    ),
    decided(
        "deployment.rollback_alarms",
        "set otherwise",
        "`alarms.roll_back_deployments`; alarms of your own: infra/additions.py",
        _take_alarms,
    ),
    yours("network.connect", f"recipe {RECIPES}/service_connect.py"),
    decided(
        "network.vpc.placement",
        "taken over",
        "`network.egress`: private is `NatGateways(count=2)`, public is `PublicIps()`",
        _take_placement,
    ),
    yours(
        "network.vpc.placement.subnets", "subnets belong to `network=ExistingVpc(...)`: give its ids there"
    ),
    decided(
        "network.vpc.security_groups",
        "left to you",
        "`network=ExistingVpc(task_security_group_ids=...)`",
        _take_groups,
    ),
    yours("network.vpc.security_groups.from_cfn", f"recipe {RECIPES}/security_group_rules.py: `join_groups`"),
    otherwise(
        "network.vpc.security_groups.deny_default", "tasks admit the load balancer and nobody else, always"
    ),
    decided(
        "network.vpc.security_groups.groups",
        "left to you",
        "`network=ExistingVpc(task_security_group_ids=...)`, or recipe docs/recipes/security_group_rules.py",
        _take_groups,
    ),
    decided(
        "variables.*",
        "taken over",
        "`variables`; what looks like a secret goes to `secrets`, without its value",
        _take_variable,
    ),
    decided(
        "variables.*.from_cfn",
        "left to you",
        f"recipe {RECIPES}/values_from_stacks.py",
        lambda case: case.yours(
            f"recipe {RECIPES}/values_from_stacks.py: `give_variables(stack, "
            f"exports={{'{case.source.split('.')[-2]}': '{case.value}'}})`"
        ),
    ),
    decided(
        "env_file",
        "taken over",
        "its lines are `variables`",
        lambda case: case.wishes.notes.setdefault("env_files", []).append((case.source, str(case.value))),
    ),
    decided(
        "secrets.*",
        "taken over",
        "`secrets`: SecureParameter(...), or SecretsManagerSecret(...) where the whole ARN is known",
        _take_secret,
    ),
    decided("storage.ephemeral", "taken over", "`tasks.ephemeral_storage_gib`", _take_ephemeral),
    decided("storage.readonly_fs", "taken over", "the root file system is always read-only", _take_read_only),
    yours("storage.volumes", _EFS),
    yours("publish", _TOPICS),
    decided("logging.retention", "taken over", "`log_days`", log_days("log_days")),
    yours("logging", _FIRELENS),
    decided("observability.tracing", "taken over", "`trace_percent=5.0`", _take_tracing),
    yours("taskdef_overrides", f"{_DEFINITION}: `override` and `override_task`"),
    taken("tags", "tags", lambda value: {str(name): str(each) for name, each in value.items()}),
    yours("subscribe", f"{_WORKER}; a queue that is subscribed to topics is made in infra/additions.py"),
    yours("on", "`jobs` with its `schedule` (docs/workers.md), which EventBridge Scheduler reads"),
    yours(
        "retries",
        "EventBridge Scheduler repeats a task that could not start; one that failed is told, not repeated",
    ),
    yours(
        "timeout",
        "`jobs`: `timeout_s` ends a task that a schedule runs",
    ),
    yours(
        "files",
        "a site without Python needs no container; with the app's own static files: recipe "
        f"{RECIPES}/static_assets.py",
    ),
    decided(
        "environments",
        "taken over",
        "each is an environment of its own, with what it overrides",
        lambda _case: None,
    ),
)


def _take_sidecar_variable(case: Case) -> None:
    case.wishes.add("variables", case.source.rpartition(".")[2], str(case.value), case.source)
    case.taken()


# Of each container beside the app's; https://aws.github.io/copilot-cli/docs/developing/sidecars/
SIDECAR_RULES: tuple[Rule, ...] = (
    otherwise(
        "port",
        "sidecars share 127.0.0.1 with the app; one before the app: recipe docs/recipes/target_container.py",
    ),
    taken("image", "image", str, "`Sidecar(image=...)`"),
    yours("image.build", "push the sidecar's image to a registry and give its name: `Sidecar(image=...)`"),
    taken("image.location", "image", str, "`Sidecar(image=...)`"),
    yours("image.credentials", f"{_DEFINITION}: RepositoryCredentials of the container"),
    taken("essential", "essential", yes, "`Sidecar(essential=...)`"),
    yours("credentialsParameter", f"{_DEFINITION}: RepositoryCredentials of the container"),
    decided(
        "variables.*",
        "taken over",
        "`Sidecar(variables=...)`",
        _take_sidecar_variable,
    ),
    yours("secrets", f"{_DEFINITION}: Secrets of the container; a Sidecar has plain `variables` only"),
    yours("env_file", "its lines go to `Sidecar(variables=...)`"),
    yours("mount_points", f"{_EFS}, in the app; for a sidecar: `writable_paths` are empty folders"),
    yours("labels", f"{_DEFINITION}: DockerLabels of the container"),
    decided(
        "depends_on",
        "set otherwise",
        "`Sidecar(starts=...)`: 'after' where it waits for the app, else 'before'",
        lambda case: (case.set("starts", "after"), case.otherwise("`Sidecar(starts='after')`")),
    ),
    yours("entrypoint", f"{_DEFINITION}: EntryPoint of the container"),
    taken("command", "command", texts, "`Sidecar(command=...)`"),
    decided(
        "healthcheck.command",
        "taken over",
        "`Sidecar(health_command=...)`: the app waits until it succeeds",
        lambda case: (case.set("health_command", _health_words(case.value)), case.taken()),
    ),
    otherwise("healthcheck", "ECS asks every 10 s, three times, with five seconds for the answer"),
)


def _health_words(value: Any) -> tuple[str, ...]:
    words = texts(value)
    if words[0] == "CMD":
        return words[1:]
    return ("sh", "-c", " ".join(words[1:])) if words[0] == "CMD-SHELL" else words
