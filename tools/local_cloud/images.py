"""Run images without Docker: keep the source of each image asset by tag, and read its Dockerfile's command.

A task runs its image's source with this project's own Python, so this shows nothing of the image's operating
system, user and limits; `make preflight` does. Nobody may write to a kept source, as in the image.
"""

import json
import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

from tools.local_cloud.errors import LocalCloudError

# The Dockerfile's last `COPY . /app/NAME` says under which name the image has the asset.
_COPIED_TO = re.compile(r"^COPY \. /app/(\w+)$", re.MULTILINE)
_STOP_SIGNAL = re.compile(r"^STOPSIGNAL (\w+)$", re.MULTILINE)
_KEPT = 5
_WRITABLE = 0o222
# The programs of the proxies, by their configuration file; distributions name them differently.
_PROGRAMS = {"nginx.conf": ("nginx",), "apache.conf": ("apache2", "httpd")}


def tag_of(image: str) -> str:
    """Return the tag of an image reference, which is the asset's hash."""
    return image.rpartition(":")[2]


def keep_sources(assembly: Path, stack: str, images: Path) -> list[str]:
    """Copy the source of each image asset of a stack, once per tag; return the tags."""
    manifest = json.loads((assembly / f"{stack}.assets.json").read_text())
    tags = []
    for asset in manifest.get("dockerImages", {}).values():
        for destination in asset["destinations"].values():
            tag = destination["imageTag"]
            tags.append(tag)
            _copy(assembly / asset["source"]["directory"], images / tag)
    return tags


def _copy(source: Path, kept: Path) -> None:
    if kept.exists():
        kept.touch()  # an image that is deployed again counts as recent
        return
    half = kept.with_suffix(".half")
    remove(half)
    shutil.copytree(source, half / _package(source))
    for path in (*half.rglob("*"), half):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~_WRITABLE)
    half.rename(kept)


def remove(kept: Path) -> None:
    """Remove kept sources, if there are any; their folders have to be writable first."""
    for folder, _, _ in os.walk(kept):
        Path(folder).chmod(0o700)
    shutil.rmtree(kept, ignore_errors=True)


def written(images: Path) -> list[Path]:
    """Return the files that appeared beside the code of images: in AWS, what wrote them would have failed.

    Where the file system cannot be made read-only for a task, root can write there all the same.
    """
    return sorted(
        path
        for kept in images.glob("*")
        for path in kept.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & _WRITABLE
    )


def prune(images: Path, wanted: set[str]) -> None:
    """Remove the sources of images that nothing runs any more; the last few stay, to roll back to."""
    spare = [kept for kept in images.glob("*") if kept.name not in wanted]
    for kept in sorted(spare, key=lambda kept: kept.stat().st_mtime)[:-_KEPT]:
        remove(kept)


def command_of(container: dict[str, Any], images: Path) -> tuple[list[str], Path]:
    """Return a container's command and the folder to run it in."""
    kept = images / tag_of(container["image"])
    folder = kept if kept.is_dir() else images
    command = [*container.get("entryPoint", []), *container.get("command", [])]
    command = command or _dockerfile_command(_dockerfile(kept))
    if not command:
        raise LocalCloudError(
            f"Container {container['name']} has no command in its task definition, and the source of"
            f" {container['image']} is not here. Give it a command, or build it from an asset."
        )
    return command, folder


def stop_signal_of(container: dict[str, Any], images: Path) -> signal.Signals:
    """Return the image's STOPSIGNAL, by default SIGTERM."""
    dockerfile = _dockerfile(images / tag_of(container["image"]))
    named = _STOP_SIGNAL.search(dockerfile.read_text()) if dockerfile.is_file() else None
    return signal.Signals[named[1]] if named else signal.SIGTERM


def check_programs(container: dict[str, Any], images: Path) -> None:
    """Raise LocalCloudError when a proxy's program is not on this machine."""
    for path in (images / tag_of(container["image"])).glob("*/*.conf"):
        names = _PROGRAMS.get(path.name, ())
        folders = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
        if names and not any(shutil.which(name, path=folders) for name in names):
            raise LocalCloudError(
                f"Container {container['name']} runs {names[0]}, which this machine does not have."
                f" Run `make setup`, or install it, for example with `apt-get install {names[0]}`."
            )


def _package(source: Path) -> str:
    dockerfile = source / "Dockerfile"
    named = _COPIED_TO.findall(dockerfile.read_text()) if dockerfile.is_file() else []
    return str(named[-1]) if named else "service"


def _dockerfile(kept: Path) -> Path:
    return next(kept.glob("*/Dockerfile"), kept / "Dockerfile")


def _dockerfile_command(dockerfile: Path) -> list[str]:
    """Return ENTRYPOINT and CMD in exec form; a shell form has no place in an image of ours."""
    found: dict[str, list[str]] = {}
    if dockerfile.is_file():
        for line in dockerfile.read_text().splitlines():
            instruction, _, rest = line.partition(" ")
            if instruction.upper() in {"ENTRYPOINT", "CMD"} and rest.lstrip().startswith("["):
                found[instruction.upper()] = json.loads(rest)
    return found.get("ENTRYPOINT", []) + found.get("CMD", [])
