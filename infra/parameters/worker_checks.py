"""Refuse workers and jobs without a name of their own, a way to their queue, or a lock."""

from collections.abc import Iterator

from infra.parameters.aurora import NewDatabase
from infra.parameters.database import ExistingDatabase
from infra.parameters.egress import Endpoints
from infra.parameters.fields import EnvironmentFields
from infra.parameters.network import NewVpc


def worker_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield names that are taken, jobs without a lock, and queues that tasks could not reach."""
    ours = [*(each.name for each in environment.workers), *(each.name for each in environment.jobs)]
    names = [*ours, *(each.name for each in environment.sidecars)]
    if len(set(names)) < len(names):
        yield f"workers, jobs and sidecars are called {', '.join(names)}: give each a name of its own"
    queues = [each for each in environment.workers if each.queue]
    for name in sorted({each.variable for each in queues} & {*environment.variables, *environment.secrets}):
        yield f"{name} is given, but it follows from workers: remove it from variables and secrets"
    locked = isinstance(environment.database, NewDatabase | ExistingDatabase)
    for job in environment.jobs:
        if job.overlap == "skip" and not locked:
            yield (
                f"overlap of job '{job.name}' is 'skip', by a lock in the database, and database is none "
                "that the kit knows: set overlap to 'allow', and let its command bear a second run beside it"
            )
    network = environment.network
    egress = network.egress if isinstance(network, NewVpc) else None
    if queues and isinstance(egress, Endpoints) and "sqs" not in egress.services:
        yield (
            f"network.egress.services are {', '.join(egress.services) or 'none'}, by which tasks do not "
            f"reach the queue of worker '{queues[0].name}': add 'sqs'"
        )
