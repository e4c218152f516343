"""Check that a worker lives: nobody sends it requests, so that no load balancer can tell.

A health check is what lets a deployment of a worker fail that starts and then exits: ECS counts a task that
ends before it is healthy (AWS in https://github.com/aws/containers-roadmap/issues/1206, 2021-12-16).
"""

from aws_cdk import Duration
from aws_cdk import aws_ecs as ecs

from infra.parameters import Worker

# service/kit/work.py touches the file.
VARIABLE, FILE = "HEARTBEAT_FILE", "/tmp/heartbeat"  # noqa: S108 (the container has its own /tmp)
# Without the site's packages it takes a hundredth of a second, of which each check has one.
_PYTHON = ("CMD", "python", "-S", "-c")


def health_check(worker: Worker) -> ecs.HealthCheck:
    """Return a check that fails once the last heartbeat is older than `heartbeat_s`.

    Without heartbeats it asks nothing: the worker is healthy once it has lived for ten seconds.
    """
    if not worker.heartbeat_s:
        return _every_ten_seconds("pass", start_s=0)
    age = f"time.time()-os.stat(os.environ['{VARIABLE}']).st_mtime"
    return _every_ten_seconds(
        f"import os,sys,time;sys.exit({age}>{worker.heartbeat_s})", start_s=worker.heartbeat_s
    )


def _every_ten_seconds(code: str, *, start_s: int) -> ecs.HealthCheck:
    return ecs.HealthCheck(
        command=[*_PYTHON, code],
        interval=Duration.seconds(10),
        timeout=Duration.seconds(5),
        retries=3,
        start_period=Duration.seconds(start_s),
    )
