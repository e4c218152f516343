"""Rehearse how an environment grows into a load."""

from dataclasses import replace

from tools.plan.loads import Load
from tools.plan.place import Place
from tools.plan.sizing import Size, launch_s
from tools.rehearsal.outcome import Outcome, outcome
from tools.rehearsal.simulation import simulate
from tools.rehearsal.traffic import shape


def growth(place: Place, load: Load, size: Size) -> Outcome:
    """Return the figures of a rehearsal of the trace, or else of a load that doubles within a minute.

    As many tasks are allowed as it asks for, and half of them start as fast as ECS and Fargate start so many.
    """
    service = place.service
    policies = service.policies
    rehearsed = replace(
        service,
        policies=replace(policies, max_tasks=max(policies.max_tasks, 2 * size.tasks)),
        start_s=round(service.start_s + launch_s(size.tasks // 2)),
    )
    trace = load.trace or shape("double-in-a-minute", quiet_rps=load.rps / 2)
    return outcome(rehearsed, list(simulate(rehearsed, trace)))
