"""Decide which tasks a service starts and stops next, by one rule for deployments, scaling and losses.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.local_cloud.runner.deployed import Service


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A task that is not stopping, as the scheduler sees it."""

    id: str
    deployment: str
    zone: str
    healthy: bool
    started_s: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Zones to start a task in, and tasks to stop."""

    start: tuple[str, ...]
    stop: tuple[str, ...]


def plan(service: Service, tasks: Sequence[Seen], *, leaving: int, may_start: bool) -> Plan:
    """Return the next step.

    `leaving` counts tasks that drain or stop: they still use up room below the maximum percent.
    """
    new = [task for task in tasks if task.deployment == service.deployment]
    old = [task for task in tasks if task.deployment != service.deployment]
    most = max(1, service.desired * service.maximum_percent // 100)
    room = most - len(tasks) - leaving
    start = min(service.desired - len(new), room) if may_start else 0
    stop = _surplus(service, new) + _replaced(service, new, old, most)
    return Plan(start=_zones(service, tasks, start), stop=tuple(stop))


def _surplus(service: Service, new: list[Seen]) -> list[str]:
    """Choose the tasks to remove: first those that serve nobody, then the youngest of the fullest zone."""
    keep, gone = list(new), []
    while len(keep) > service.desired:
        crowd = {task.zone: sum(other.zone == task.zone for other in keep) for task in keep}
        victim = min(keep, key=lambda task: (task.healthy, -crowd[task.zone], -task.started_s))
        keep.remove(victim)
        gone.append(victim.id)
    return gone


def _replaced(service: Service, new: list[Seen], old: list[Seen], most: int) -> list[str]:
    """Stop old tasks as new ones become healthy, never below the minimum healthy percent."""
    minimum = -(-service.desired * service.minimum_percent // 100)
    # If new tasks fit beside the old ones, an old task stops only when its successor serves.
    floor = service.desired if most > service.desired else minimum
    needed = max(0, floor - sum(task.healthy for task in new))
    serving = sorted((task for task in old if task.healthy), key=lambda task: task.started_s)
    useless = [task.id for task in old if not task.healthy]
    return useless + [task.id for task in serving[: max(0, len(serving) - needed)]]


def _zones(service: Service, tasks: Sequence[Seen], count: int) -> tuple[str, ...]:
    crowd = dict.fromkeys(service.zones, 0)
    for task in tasks:
        if task.deployment == service.deployment and task.zone in crowd:
            crowd[task.zone] += 1
    chosen = []
    for _ in range(count):
        zone = min(crowd, key=lambda name: (crowd[name], name))
        crowd[zone] += 1
        chosen.append(zone)
    return tuple(chosen)
