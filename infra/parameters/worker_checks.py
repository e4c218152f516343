"""Refuse workers that have no name of their own, or no way to their queue."""

from collections.abc import Iterator

from infra.parameters.egress import Endpoints
from infra.parameters.fields import EnvironmentFields
from infra.parameters.network import NewVpc


def worker_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield each name that is taken, and each queue that tasks could not reach."""
    names = [*(each.name for each in environment.workers), *(each.name for each in environment.sidecars)]
    if len(set(names)) < len(names):
        yield f"workers and sidecars are called {', '.join(names)}: give each a name of its own"
    queues = [each for each in environment.workers if each.queue]
    for name in sorted({each.variable for each in queues} & {*environment.variables, *environment.secrets}):
        yield f"{name} is given, but it follows from workers: remove it from variables and secrets"
    network = environment.network
    egress = network.egress if isinstance(network, NewVpc) else None
    if queues and isinstance(egress, Endpoints) and "sqs" not in egress.services:
        yield (
            f"network.egress.services are {', '.join(egress.services) or 'none'}, by which tasks do not "
            f"reach the queue of worker '{queues[0].name}': add 'sqs'"
        )
