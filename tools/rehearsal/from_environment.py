"""Turn an Environment into a service to rehearse."""

from infra.parameters import Environment
from tools.prices import TaskPrice
from tools.rehearsal.policies import DELAY_S, Metric, Policies, TargetTracking
from tools.rehearsal.simulation import Service
from tools.rehearsal.task import Task

# These fit an app that mostly waits for a database. Yours are in the service's access log.
REQUEST_MS = 200.0
CPU_MS = 10.0
# AWS's benchmark has 23 s from the decision to a running task (109 s less 86 s), the first successful health
# check takes up to its interval, 10 s, and the rest is for a larger image and for Python's imports.
# https://aws.amazon.com/about-aws/whats-new/2026/06/amazon-ecs-faster-autoscaling/
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
START_S = 60

# The fields of ScalingTargets that are rehearsed, in the picture's order.
_TRACKED: dict[str, Metric] = {
    "saturation_percent": "saturation",
    "cpu_percent": "cpu",
    "requests_per_task_per_minute": "requests",
}


class NothingToRehearseError(ValueError):
    """An error for an environment without any scaling target that can be rehearsed."""


def rehearsed(
    environment: Environment,
    *,
    request_ms: float = REQUEST_MS,
    cpu_ms: float = CPU_MS,
    start_s: int = START_S,
    period_s: int | None = None,
    delay_s: int | None = None,
) -> Service:
    """Return the service of an environment; `period_s` replaces its metric period for all but requests.

    Raises NothingToRehearseError.
    """
    tasks, scaling = environment.tasks, environment.scaling
    targets = {metric: getattr(scaling, field, None) for field, metric in _TRACKED.items()}
    if not any(targets.values()):
        raise NothingToRehearseError(
            f"{environment.name} tracks nothing that is rehearsed: set one of {', '.join(_TRACKED)}"
        )
    own = {"cpu": 20} if scaling.fast_metrics else {}
    periods = {metric: 60 if metric == "requests" else period_s or own.get(metric, 60) for metric in targets}
    return Service(
        name=environment.name,
        policies=Policies(
            min_tasks=tasks.min,
            max_tasks=tasks.max,
            tracked=tuple(
                TargetTracking(
                    metric=metric,
                    target=target,
                    period_s=periods[metric],
                    delay_s=DELAY_S[periods[metric]] if delay_s is None else delay_s,
                )
                for metric, target in targets.items()
                if target
            ),
            out_cooldown_s=scaling.out_cooldown_s,
            in_cooldown_s=scaling.in_cooldown_s,
        ),
        task=Task(
            slots=tasks.gunicorn_workers * tasks.gunicorn_threads,
            vcpu=tasks.cpu / 1024,
            request_s=request_ms / 1000,
            cpu_s=cpu_ms / 1000,
        ),
        price=TaskPrice(
            vcpu=tasks.cpu / 1024,
            memory_gb=tasks.memory_mib / 1024,
            architecture=tasks.architecture,
            region=environment.region,
            on_demand_tasks={"never": tasks.max, "above_min": tasks.min, "always": 0}[tasks.spot],
        ),
        start_s=start_s,
        drain_s=environment.timeouts.deregistration_delay_s,
    )
