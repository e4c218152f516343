"""Create what works beside requests: services that nobody reaches, and the queues that they work off."""

from infra.work.queue import WorkQueue
from infra.work.worker import WorkerService

__all__ = ["WorkQueue", "WorkerService"]
