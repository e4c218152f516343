"""Compare the derived numbers that decide how a service scales and how its tasks end."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tools.assembly import (
    Properties,
    Service,
    Template,
    attributes,
    of_type,
    protected_by_the_stack,
    services,
    variables,
    without_hash,
)

_DRAIN = "deregistration_delay.timeout_seconds"
_POLICY = "TargetTrackingScalingPolicyConfiguration"
# The container's variables that infra/parameters/timeouts.py and infra/parameters/tasks.py derive.
_DERIVED = re.compile(r"(GUNICORN_)?(WORKERS|THREADS|TIMEOUT_S|KEEPALIVE_S|GRACEFUL_TIMEOUT_S)|LAME_DUCK_S")


class Number(NamedTuple):
    """A number before and after; empty on a side without it."""

    name: str
    old: str
    new: str


def numbers(template: Template) -> dict[str, str]:
    """Return every derived number, by a name that has its unit."""
    return dict(_all(template))


def changed(old: Template, new: Template) -> list[Number]:
    """Return the numbers that differ."""
    before, after = numbers(old), numbers(new)
    names = [*after, *(name for name in before if name not in after)]
    return [
        Number(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _all(template: Template) -> Iterator[tuple[str, str]]:
    running = services(template)
    if not running:
        return
    web, *others = running
    yield from _size(web)
    for each in others:
        yield from ((f"{without_hash(each.logical_id)}: {name}", value) for name, value in _size(each))
    for target in of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget"):
        for action in target.get("ScheduledActions", []):
            bounds = action.get("ScalableTargetAction", {})
            often = f"{bounds.get('MinCapacity')} to {bounds.get('MaxCapacity')} from {action['Schedule']}"
            yield f"schedule {action['ScheduledActionName']}", often
    for policy in of_type(template, "AWS::ApplicationAutoScaling::ScalingPolicy"):
        yield from _policy(policy)
    yield from _edges(template)


def _size(service: Service) -> Iterator[tuple[str, str]]:
    yield "tasks, min", str(service.min_tasks)
    yield "tasks, max", str(service.max_tasks)
    yield "CPU units", str(service.task["Cpu"])
    yield "memory, MiB", str(service.task["Memory"])
    for each in service.task["ContainerDefinitions"]:
        if each["Name"] == "web":
            derived = variables(each)
            yield from ((name, value) for name, value in derived.items() if _DERIVED.fullmatch(name))
        if "StopTimeout" in each:
            yield f"stop timeout of {each['Name']}, s", str(each["StopTimeout"])


def _policy(policy: Properties) -> Iterator[tuple[str, str]]:
    tracking = policy.get(_POLICY)
    if not tracking:
        return
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType") or tracking.get(
        "CustomizedMetricSpecification", {}
    ).get("MetricName", "a metric")
    yield f"target of {metric}", f"{tracking['TargetValue']:g}"
    yield f"cooldown of {metric} out, s", str(tracking.get("ScaleOutCooldown", ""))
    yield f"cooldown of {metric} in, s", str(tracking.get("ScaleInCooldown", ""))


def _edges(template: Template) -> Iterator[tuple[str, str]]:
    for balancer in of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer"):
        known = attributes(balancer.get("LoadBalancerAttributes"))
        yield "load balancer's idle timeout, s", known.get("idle_timeout.timeout_seconds", "60")
        kept = "true" if protected_by_the_stack(template) else "false"
        yield "deletion protection", known.get("deletion_protection.enabled", kept)
    for group in of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup")[:1]:
        yield (
            "drain, s",
            attributes(group.get("TargetGroupAttributes")).get(_DRAIN, "300"),
        )
        yield "health check interval, s", str(group.get("HealthCheckIntervalSeconds", ""))
        yield "health check timeout, s", str(group.get("HealthCheckTimeoutSeconds", ""))
        yield "healthy after checks", str(group.get("HealthyThresholdCount", ""))
        yield "unhealthy after checks", str(group.get("UnhealthyThresholdCount", ""))
    for service in services(template)[:1]:
        yield "health grace, s", str(service.properties.get("HealthCheckGracePeriodSeconds", ""))
