"""Create what works beside requests: services that nobody reaches, their queues, and jobs at times of day."""

from infra.work.job import ScheduledJobs
from infra.work.queue import WorkQueue
from infra.work.worker import WorkerService

__all__ = ["ScheduledJobs", "WorkQueue", "WorkerService"]
