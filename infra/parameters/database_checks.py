"""Refuse more tasks than the database has connections for, and a database that they cannot reach."""

import ipaddress
from collections.abc import Iterator

from infra.parameters.aurora import RESUMES_WITHIN_S, Aurora, NewDatabase
from infra.parameters.database import VARIABLES, DatabaseBudget, ExistingDatabase, Postgres
from infra.parameters.fields import EnvironmentFields
from infra.parameters.load_balancer import SharedLoadBalancer
from infra.parameters.network import NewVpc

# What is left of a request that has waited for the database.
_WAKING_REQUEST_S = RESUMES_WITHIN_S + 5


def database_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield a problem if the most tasks, twice during a deployment, need more connections than there are."""
    database = environment.database
    if database is None:
        return
    if isinstance(database, NewDatabase | ExistingDatabase):
        for name in sorted({*environment.variables, *environment.secrets} & VARIABLES):
            yield f"{name} is given, but it follows from database: remove it from variables and secrets"
    if isinstance(database, NewDatabase):
        yield from _place(environment, database)
    if isinstance(database, Aurora):
        yield from _capacity(database)
        yield from _pauses(environment, database)
    yield from _connections(environment, database)


def _place(environment: EnvironmentFields, database: NewDatabase) -> Iterator[str]:
    network = environment.network
    if isinstance(environment.load_balancer, SharedLoadBalancer):
        yield (
            f"load_balancer is shared with '{environment.load_balancer.owner}', whose network the tasks use, "
            f"but database is {type(database).__name__}, of this environment: use an ExistingDatabase, or a "
            "load balancer of your own"
        )
    if isinstance(database, Postgres) and database.max_storage_gib < database.storage_gib:
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


def _capacity(database: Aurora) -> Iterator[str]:
    if database.min_acu > database.max_acu:
        yield (
            f"database.min_acu is {database.min_acu:g}, above database.max_acu ({database.max_acu:g}): "
            "lower it"
        )
    if database.pause_after_s and not database.pauses:
        yield (
            f"database.pause_after_s is {database.pause_after_s}, but with database.min_acu "
            f"{database.min_acu:g} it never pauses: set min_acu=0, or leave pause_after_s out"
        )


def _pauses(environment: EnvironmentFields, database: Aurora) -> Iterator[str]:
    """Yield what would keep it from pausing, or fail the request that wakes it up.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2-auto-pause.html
    """
    if not database.pauses:
        return
    if database.pool_size != 0:
        yield (
            "database.min_acu is 0, but while a worker keeps a connection open it never pauses, and costs as "
            "if it worked: set database.pool_size=0, and have the app keep none (poolclass=NullPool)"
        )
    if environment.longest_request_s < _WAKING_REQUEST_S:
        yield (
            f"database.min_acu is 0, and who wakes it up waits for up to {RESUMES_WITHIN_S} s, but "
            f"longest_request_s is {environment.longest_request_s}: that request would fail; raise it to "
            f"{_WAKING_REQUEST_S}, or set database.min_acu=0.5"
        )


def _connections(environment: EnvironmentFields, database: DatabaseBudget | NewDatabase) -> Iterator[str]:
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
    mores = {Postgres: "take a larger database.instance", Aurora: "raise database.max_acu"}
    more = mores.get(type(database), "raise max_connections")
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
