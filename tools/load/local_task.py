"""Describe all tasks of the local cloud as one, as `make plan` describes a task."""

import psutil

from tools.environments import find
from tools.load.watch import Measured, Watched
from tools.local_cloud.running import Running
from tools.rehearsal.task import Task


def local_task(known: Running, watched: Watched, lowest: Measured) -> Task:
    """Return the threads of all local tasks, and the CPU of this machine, which they share."""
    tasks = find(known.environment).tasks
    return Task(
        slots=watched.tasks * tasks.gunicorn_workers * tasks.gunicorn_threads,
        vcpu=psutil.cpu_count() or 1,
        request_s=lowest.request_ms / 1000,
        cpu_s=max(lowest.cpu_ms, 1e-3) / 1000,
    )


def queue_s(known: Running) -> float:
    """Return the longest wait for a thread in a burst, s."""
    return find(known.environment).tasks.queue_s
