"""Calculate what a load needs: the model, small enough to read."""

from dataclasses import dataclass

from tools.plan import facts
from tools.plan.app import App
from tools.plan.place import Place
from tools.rehearsal.autoscaler import whole

# A deployment runs all old and all new tasks at once (infra/compute/web_service.py).
DEPLOYING = 2
HOURS = 730
_GB = 1e9
# Clients keep a connection as long as the load balancer lets them: its idle timeout is a minute or more.
_CONNECTION_S = 60
# Each worker writes a line of metrics each ten seconds (service/kit/metrics.py), of about so many bytes.
_METRICS_LINE_BYTES, _METRICS_EVERY_S = 2000, 10
_LOG_CALL_BYTES = 1e6


@dataclass(frozen=True, kw_only=True)
class Size:
    """Hold what a load needs while it lasts; `deploying` is for the time in which old and new tasks run."""

    rps: float
    tasks: int
    vcpu: float
    memory_gib: float
    busy_threads: float
    threads: int
    deploying: int
    on_demand_vcpu: float
    spot_vcpu: float
    addresses_per_subnet: int
    targets: int
    lcu: float
    nat_ports: int
    nat_gbps: float
    log_gb_month: float
    log_calls_per_s: float
    out_gb_month: float
    connections: int
    rollout_s: float


def size(place: Place, app: App, rps: float) -> Size:
    """Return what a steady load needs, as if no limit were in its way."""
    service = place.service
    task, policies = service.task, service.policies
    # So many tasks that each is at the target that it reaches first: what the autoscaler asks for.
    tasks = max(policies.min_tasks, whole(rps / policies.tightest(task).kept_rps(task)))
    deploying = DEPLOYING * tasks
    steady = {"never": deploying, "above_min": DEPLOYING * policies.min_tasks, "always": 0}[place.spot]
    log_bytes = app.log_bytes * rps + tasks * place.workers * _METRICS_LINE_BYTES / _METRICS_EVERY_S
    return Size(
        rps=rps,
        tasks=tasks,
        vcpu=tasks * task.vcpu,
        memory_gib=tasks * place.memory_gib,
        busy_threads=rps * task.request_s,
        threads=tasks * task.slots,
        deploying=deploying,
        on_demand_vcpu=steady * task.vcpu,
        spot_vcpu=(deploying - steady) * task.vcpu,
        addresses_per_subnet=whole(deploying / len(place.subnets)) if place.subnets else 0,
        targets=deploying * place.groups,
        lcu=_lcu(place, app, rps),
        nat_ports=deploying * task.slots if place.gateways else 0,
        nat_gbps=8 * (log_bytes + app.out_bytes * rps) / _GB if place.gateways else 0,
        log_gb_month=_a_month(log_bytes),
        log_calls_per_s=tasks * place.logging_containers / facts.LOG_CALL_EVERY_S.value
        + log_bytes / _LOG_CALL_BYTES,
        out_gb_month=_a_month(app.answer_bytes * rps),
        connections=DEPLOYING * (tasks * place.connections_per_task + place.other_connections),
        rollout_s=rollout_s(place, tasks),
    )


def launch_s(tasks: int) -> float:
    """Return the seconds until the last of so many tasks was started, at ECS's and at Fargate's rate."""
    by_ecs = tasks * 60 / facts.LAUNCHES_PER_MINUTE.value
    return max(by_ecs, (tasks - 100) / facts.LAUNCHES_PER_S.value)


def rollout_s(place: Place, tasks: int) -> float:
    """Return the seconds of a deployment: new tasks start and get healthy, old ones drain and stop."""
    return place.rollout_s + launch_s(tasks)


def _lcu(place: Place, app: App, rps: float) -> float:
    """Return the capacity units of the load balancer: the largest of four."""
    connections = rps / app.requests_per_connection
    return max(
        connections / facts.LCU_CONNECTIONS.value,
        connections * _CONNECTION_S / facts.LCU_ACTIVE.value,
        app.answer_bytes * rps * 3600 / _GB / facts.LCU_GB.value,
        max(0, place.listener_rules - 10) * rps / facts.LCU_RULES.value,
    )


def _a_month(bytes_per_s: float) -> float:
    return bytes_per_s * 3600 * HOURS / _GB
