"""Define the task: its image, its containers and their variables, the proxy, the collector of traces."""

from infra.task.containers import SHARED_FOLDER, USER_ID
from infra.task.ports import APP_PORT, task_port
from infra.task.proxy import SOURCES, proxy_variables
from infra.task.task import COMMAND, Task
from infra.task.variables import service_variables

__all__ = [
    "APP_PORT",
    "COMMAND",
    "SHARED_FOLDER",
    "SOURCES",
    "USER_ID",
    "Task",
    "proxy_variables",
    "service_variables",
    "task_port",
]
