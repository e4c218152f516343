"""What a container definition is in the words of `docker run` and `podman run`."""

import secrets
from collections.abc import Mapping

from tools.preflight.engine import Engine
from tools.preflight.task import Container, Task


def options(container: Container, task: Task, engine: Engine) -> list[str]:
    """User, limits and rights."""
    # A task's containers share its memory: each may take all, and the sum is looked at.
    memory = f"{container.memory_mib or task.memory_mib}m"
    words = ["--stop-timeout", str(container.stop_timeout_s)]
    words += ["--memory", memory, "--memory-swap", memory, "--cpus", f"{task.cpu:g}"]
    words += ["--user", container.user] if container.user else []
    words += engine.read_only if container.read_only else []
    words += ["--init"] if container.init else []
    return [*words, *(f"--cap-drop={name}" for name in container.dropped)]


def environment(container: Container, given: Mapping[str, str]) -> list[str]:
    """Its variables, and `given` instead of them; a secret that is not given gets a made-up value."""
    values = {name: secrets.token_hex(16) for name in container.secrets} | container.variables | dict(given)
    return [f"--env={name}={value}" for name, value in values.items()]


def command(container: Container, reference: str) -> list[str]:
    """The image, and what it starts."""
    entry_point, *rest = container.entry_point or ("",)
    first = ["--entrypoint", entry_point] if entry_point else []
    return [*first, reference, *rest, *container.command]
