"""Get the images of a task: the one to check, and those of the containers beside it."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools import show
from tools.preflight.archive import Image, read_archive
from tools.preflight.engine import CannotRunError, Engine
from tools.preflight.secret_words import READ
from tools.preflight.task import Container, Task, source_of


def images_of(
    engine: Engine, task: Task, *, given: str, others: Mapping[str, str], assembly: Path
) -> dict[str, str]:
    """Return an image reference for each container, by the container's name.

    Containers with the service's image use `given`, if there is one; `others` has images by container. The
    rest are built from the synth's image assets. Raises CannotRunError if an image cannot be built or pulled.
    """
    found: dict[str, str] = {}
    for container in task.containers:
        reference = others.get(container.name)
        if not reference and given and container.image == task.web.image:
            reference = given
        found[container.name] = reference or _made(engine, container, task, assembly)
        if not engine.has_image(found[container.name]):
            engine.image(found[container.name])  # raises the error that names the missing image
    return found


def _made(engine: Engine, container: Container, task: Task, assembly: Path) -> str:
    made_here = task.sources.get(container.name)
    asset = made_here or (None if task.sources else source_of(container, task.environment, assembly))
    if not asset:
        with show.step(f"Pulling {container.image}"):
            engine.call("pull", "--quiet", container.image)
        return container.image
    folder, arguments = asset
    tag = f"flask-fargate/{container.name}:{folder.name.removeprefix('asset.')[:12]}"
    words = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    with show.step(f"Building {container.name}"):
        try:
            engine.call(
                "build", "--platform", f"linux/{task.architecture}", "--tag", tag, *words, str(folder)
            )
        except CannotRunError as error:
            raise CannotRunError(
                f"{error}. Or build it yourself, and say --image {container.name}=REFERENCE"
            ) from None
    return tag


def read_image(engine: Engine, reference: str) -> Image:
    """Read what is in an image, which takes some hundred MB of disk for a moment."""
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        archive = Path(folder, "image.tar")
        save(engine, reference, archive)
        return read_archive(archive, interesting=READ)


def save(engine: Engine, reference: str, archive: Path) -> None:
    """Write an image into a file."""
    engine.call("save", "--output", str(archive), reference)
