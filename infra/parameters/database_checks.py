"""Refuse more tasks than the database has connections for, and a database that they cannot reach."""

import ipaddress
from collections.abc import Iterator

from infra.parameters.database import VARIABLES, DatabaseBudget, ExistingDatabase, Postgres
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import SharedLoadBalancer
from infra.parameters.network import NewVpc


def database_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield a problem if the most tasks, twice during a deployment, need more connections than there are."""
    database = environment.database
    if database is None:
        return
    if isinstance(database, Postgres | ExistingDatabase):
        for name in sorted({*environment.variables, *environment.secrets} & VARIABLES):
            yield f"{name} is given, but it follows from database: remove it from variables and secrets"
    if isinstance(database, Postgres):
        yield from _place(environment, database)
    yield from _connections(environment, database)


def _place(environment: EnvironmentFields, database: Postgres) -> Iterator[str]:
    network = environment.network
    if isinstance(environment.load_balancer, SharedLoadBalancer):
        yield (
            f"load_balancer is shared with '{environment.load_balancer.owner}', whose network the tasks use, "
            "but database is a Postgres of this environment: use an ExistingDatabase, or a load balancer of "
            "your own"
        )
    if database.max_storage_gib < database.storage_gib:
        yield (
            f"database.max_storage_gib is {database.max_storage_gib}, below database.storage_gib "
            f"({database.storage_gib}): raise it"
        )
    if isinstance(network, NewVpc):
        if ipaddress.ip_network(database.cidr).overlaps(ipaddress.ip_network(network.cidr)):
            yield (
                f"database.cidr {database.cidr} overlaps network.cidr {network.cidr}, and such VPCs cannot "
                "be connected: use other addresses, such as 10.254.0.0/24"
            )
    elif len(network.private_subnet_ids) < 2:
        yield (
            f"network.private_subnet_ids has {len(network.private_subnet_ids)} ids, but database needs "
            "private subnets in two zones: give them"
        )


def _connections(environment: EnvironmentFields, database: DatabaseBudget | Postgres) -> Iterator[str]:
    tasks = environment.tasks
    pool = database.pool_size or tasks.gunicorn_threads
    most_tasks = max((tasks.max, *(schedule.max for schedule in environment.scaling.schedules)))
    left = database.max_connections - database.reserved
    a_task = tasks.gunicorn_workers * pool
    of_workers = sum(each.max * each.connections for each in environment.workers)
    serving = most_tasks * a_task + of_workers
    # A job's task is not replaced, and may run meanwhile; a lock takes one connection more.
    of_jobs = sum(each.connections + (each.overlap == "skip") for each in environment.jobs)
    deploying = 2 * serving + of_jobs  # the release command ends before new tasks start and needs less
    if deploying <= left:
        return
    when = (
        "with all tasks running, the last of them could not connect"
        if serving > left
        else "a deployment runs old and new tasks side by side, so at the peak new tasks could not connect "
        "and it would fail"
    )
    more = "take a larger database.instance" if isinstance(database, Postgres) else "raise max_connections"
    fits = (max(left - of_jobs, 0) // 2 - of_workers) // a_task
    lower = f"tasks.max to {fits}" if fits > 0 else "tasks.workers or database.pool_size"
    jobs = f" with {of_jobs} of jobs" if of_jobs else ""
    beside = f" and {of_workers} of workers" if of_workers else ""
    yield (
        f"database.max_connections is {database.max_connections}, {database.reserved} of them reserved, but "
        f"{most_tasks} tasks x {tasks.gunicorn_workers} workers x a pool of {pool}{beside} are {serving} "
        "connections"
        f", and {deploying} during a deployment{jobs}: {when}; lower {lower}, {more}, or put a "
        "pooler such as RDS Proxy in between"
    )
