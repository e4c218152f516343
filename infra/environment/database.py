"""Database: how many connections it admits, which tasks that scale must not use up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from infra.parameters import Parameters

if TYPE_CHECKING:
    from infra.environment import Environment


class DatabaseBudget(Parameters):
    """The connections of the database that the service uses; it makes none.

    Each worker keeps a pool, so every task that the autoscaler adds opens more; a deployment runs old and new
    tasks side by side, twice as many. What does not fit fails the synth. RDS admits, unless its parameter
    group says otherwise, one for each 9.1 MiB of memory (PostgreSQL) or 12 MiB (MySQL).
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
    """

    max_connections: int = Field(ge=1, description="that it admits: `SHOW max_connections`, or variable")
    pool_size: int | None = Field(
        default=None, ge=1, description="most connections of one worker, overflow included; else its threads"
    )
    reserved: int = Field(default=10, ge=0, description="left for people, backups and other clients")


def database_problems(environment: "Environment") -> Iterator[str]:
    """What a database would refuse when the tasks are at their most, or while they are replaced."""
    database, tasks = environment.database, environment.tasks
    if database is None:
        return
    pool = database.pool_size or tasks.gunicorn_threads
    most_tasks = max((tasks.max, *(schedule.max for schedule in environment.scaling.schedules)))
    left = database.max_connections - database.reserved
    a_task = tasks.gunicorn_workers * pool
    serving = most_tasks * a_task
    deploying = 2 * serving  # a release command, which ends before the new tasks start, needs less
    if deploying <= left:
        return
    when = (
        "with all tasks running, the last of them could not connect"
        if serving > left
        else "a deployment runs old and new tasks side by side, so at the peak new tasks could not connect "
        "and it would fail"
    )
    fits = max(left, 0) // (2 * a_task)
    lower = f"tasks.max to {fits}" if fits else "tasks.workers or database.pool_size"
    yield (
        f"database.max_connections is {database.max_connections}, {database.reserved} of them reserved, but "
        f"{most_tasks} tasks x {tasks.gunicorn_workers} workers x a pool of {pool} are {serving} connections"
        f", and {deploying} during a deployment: {when}; lower {lower}, raise max_connections, or put a "
        "pooler such as RDS Proxy in between"
    )
