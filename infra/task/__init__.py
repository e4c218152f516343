"""What runs in a task: the image, the containers, their variables, the proxy, the collector."""

from infra.task.containers import USER_ID
from infra.task.proxy import APP_PORT
from infra.task.task import Task, task_port

__all__ = ["APP_PORT", "USER_ID", "Task", "task_port"]
