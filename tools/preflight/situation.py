"""Hold what the checks of a running task know."""

from dataclasses import dataclass, field
from typing import Any

from tools.preflight.pod import Pod
from tools.preflight.task import Task


@dataclass(frozen=True, kw_only=True)
class Load:
    """The requests of visitors; a `slow_path` takes seconds, and a `stream_path` sends as it goes."""

    path: str = "/"
    upload_path: str = "/"
    slow_path: str = ""
    stream_path: str = ""


@dataclass(kw_only=True)
class Situation:
    """A started pod. `answers` says whether the app does; checks fill `measured`."""

    pod: Pod
    task: Task
    load: Load
    answers: bool = False
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def health(self) -> dict[str, Any]:
        """Return the health check as the details of a job."""
        task = self.task
        return {
            "path": task.health_path,
            "codes": task.health_codes,
            "timeout_s": task.health_timeout_s,
            "tls": task.tls,
            "port": task.port,
        }

    def asked(self, path: str, **details: Any) -> dict[str, Any]:
        """Return the answer to one request of a visitor."""
        answer: dict[str, Any] = self.pod.balance("ask_once", path=path, **details)
        return answer
