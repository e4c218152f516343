"""Turn a container definition into options of `docker run` and `podman run`."""

import secrets
from collections.abc import Mapping

from tools.preflight.engine import Engine
from tools.preflight.task import Container, Task


def options(container: Container, task: Task, engine: Engine) -> list[str]:
    """Return options for user, limits and rights."""
    # A task's containers share its memory: each may use all of it, and a check adds them up.
    memory = f"{container.memory_mib or task.memory_mib}m"
    words = ["--stop-timeout", str(container.stop_timeout_s)]
    words += ["--memory", memory, "--memory-swap", memory, "--cpus", f"{task.cpu:g}"]
    words += ["--user", container.user] if container.user else []
    words += engine.read_only if container.read_only else []
    words += ["--init"] if container.init else []
    words += ["--tmpfs", "/tmp:mode=1777"] if task.rules.files_are_memory else []  # noqa: S108 (a mount)
    return [*words, *(f"--cap-drop={name}" for name in container.dropped)]


def environment(container: Container, given: Mapping[str, str]) -> list[str]:
    """Return options for variables, `given` ones first; a secret that is not given gets a made-up value."""
    values = {name: secrets.token_hex(16) for name in container.secrets} | container.variables | dict(given)
    return [f"--env={name}={value}" for name, value in values.items()]


def command(container: Container, reference: str) -> list[str]:
    """Return the image and the command that it starts."""
    entry_point, *rest = container.entry_point or ("",)
    first = ["--entrypoint", entry_point] if entry_point else []
    return [*first, reference, *rest, *container.command]
