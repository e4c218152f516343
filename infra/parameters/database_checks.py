"""Refuse more tasks than the database has connections for."""

from collections.abc import Iterator

from infra.parameters.fields import EnvironmentFields


def database_problems(environment: EnvironmentFields) -> Iterator[str]:
    """Yield a problem if the most tasks, twice during a deployment, need more connections than there are."""
    database, tasks = environment.database, environment.tasks
    if database is None:
        return
    pool = database.pool_size or tasks.gunicorn_threads
    most_tasks = max((tasks.max, *(schedule.max for schedule in environment.scaling.schedules)))
    left = database.max_connections - database.reserved
    a_task = tasks.gunicorn_workers * pool
    serving = most_tasks * a_task
    deploying = 2 * serving  # the release command ends before new tasks start and needs less
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
