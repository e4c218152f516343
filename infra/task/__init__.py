"""Define the task: its image, its containers and their variables, the proxy, the collector of traces."""

from infra.task.containers import USER_ID
from infra.task.ports import APP_PORT, task_port
from infra.task.task import Task

__all__ = ["APP_PORT", "USER_ID", "Task", "task_port"]
