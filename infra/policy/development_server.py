"""Check the command of a container and of its Dockerfile: rules `dev-server` and `shell-form`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.policy.commands import (
    development_servers,
    development_variables,
    read_nothing,
    swallows_sigterm,
)
from infra.policy.dockerfile import read_dockerfile
from infra.policy.image import Stage
from infra.policy.serving_names import ReadFile
from infra.policy.template import Container, Finding

_SHELL_ADVICE = (
    "the shell gets SIGTERM and does not pass it on, so a deployment kills requests in flight: give the "
    "words as a list, or put `exec` before the command"
)
_NOT_FOR_PRODUCTION = "it is neither secure nor stable: use Gunicorn"


def container_findings(container: Container, image: Stage | None, *, serves: bool) -> Iterator[Finding]:
    """Yield what is wrong with how a container starts; `image` is the stage of its Dockerfile, if known.

    `serves` says that an ECS service runs the container, so that deployments end it by SIGTERM.
    """
    entry_point, command = container.words("EntryPoint"), container.words("Command")
    if image:
        # Like Docker: a new entry point without a command drops the image's command.
        command = command or (() if entry_point else image.command)
        entry_point = entry_point or image.entry_point
    of_image = image.variables if image else {}
    variables = {**of_image, **container.variables}
    words = (*entry_point, *command)
    name = f"container '{container.name}'"
    for sentence in _development(words, variables, image.read if image else read_nothing):
        yield Finding("dev-server", container.logical_id, f"{name} {sentence}")
    if serves and swallows_sigterm(words):
        sentence = f"{name} starts through a shell ('{' '.join(words)}'): {_SHELL_ADVICE}"
        yield Finding("shell-form", container.logical_id, sentence)


def dockerfile_findings(
    dockerfile: Path, *, context: Path | None = None, target: str | None = None
) -> Iterator[tuple[str, str]]:
    """Yield rule and sentence for each fault in how an image would start, from its Dockerfile alone.

    The context is by default the file's folder. Raises OSError if the file cannot be read, and ValueError if
    it has no such stage.
    """
    image = read_dockerfile(dockerfile, context=context, target=target)
    words = (*image.entry_point, *image.command)
    for sentence in _development(words, image.variables, image.read):
        yield "dev-server", f"{dockerfile.name} {sentence}"
    if swallows_sigterm(words):
        yield "shell-form", f"{dockerfile.name} starts '{words[2]}' through a shell: {_SHELL_ADVICE}"


def _development(words: Sequence[str], variables: dict[str, str], read: ReadFile) -> Iterator[str]:
    for sentence in development_servers(words, read):
        yield f"{sentence}: {_NOT_FOR_PRODUCTION}"
    for name in development_variables(variables):
        yield f"sets {name}, which is for development only: remove it"
    if "--reload" in variables.get("GUNICORN_CMD_ARGS", "").split():
        yield "sets GUNICORN_CMD_ARGS with --reload, which is for development only: remove it"
