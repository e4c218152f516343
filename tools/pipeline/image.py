"""Say how the one image for all environments has to be built."""

from collections.abc import Iterable

from infra.parameters import Environment
from tools.pipeline.errors import PipelineError

_DOCKER = {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}


def platforms(environments: Iterable[Environment]) -> str:
    """Return Docker's names of the environments' architectures, separated by commas."""
    return ",".join(sorted({_DOCKER[each.tasks.architecture] for each in environments}))


def runner(environments: Iterable[Environment]) -> str:
    """Return the GitHub runner that runs the image without emulation, if it has one architecture."""
    return "ubuntu-24.04-arm" if platforms(environments) == _DOCKER["ARM64"] else "ubuntu-24.04"


def requirements(environments: Iterable[Environment]) -> str:
    """Return the lock that the image is built from: the one with tracing, if any environment traces."""
    return (
        "requirements-tracing.txt" if any(each.trace_percent for each in environments) else "requirements.txt"
    )


def same_for_all(environments: Iterable[Environment]) -> None:
    """Raise PipelineError where an environment wants an image of its own making."""
    for environment in environments:
        given = [name for name in ("target", "build_args") if getattr(environment.image, name, None)]
        if given:
            raise PipelineError(
                f"{environment.name}: image.{given[0]} is set, but the pipeline builds one image for all:"
                " put it into service/Dockerfile, or deploy this environment by hand"
            )
