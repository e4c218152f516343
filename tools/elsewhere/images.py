"""Name the images of an environment by what is in them, and say how to build them."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import FileSystem, IgnoreMode

from infra.elsewhere import Images
from infra.parameters import BuildImage, Environment, Google, ImageByDigest, Place
from infra.task import SOURCES

ROOT = Path(__file__).resolve().parents[2]
_LENGTH = 12


def registry(place: Place) -> str:
    """Return the registry of a place, with the folder that its images are in."""
    if isinstance(place, Google):
        return f"{place.region}-docker.pkg.dev/{place.project}/{place.repository}"
    return f"{place.registry.lower()}.azurecr.io"


def images(environment: Environment, place: Place) -> Images:
    """Return the images; a tag changes exactly when what is in the image does."""
    choice, folder = environment.image, registry(place)
    proxy = f"{folder}/proxy-{environment.proxy}:{_fingerprint(SOURCES / environment.proxy)}"
    if isinstance(choice, ImageByDigest):
        version = choice.digest.removeprefix("sha256:")[:_LENGTH]
        return Images(f"{choice.repository}@{choice.digest}", proxy, version)
    version = _fingerprint(ROOT / "service", repr((choice.target, sorted(choice.build_args.items()))))
    return Images(f"{folder}/web:{version}", proxy, version)


def _fingerprint(folder: Path, extra: str = "") -> str:
    ignored = folder / ".dockerignore"
    lines = ignored.read_text().splitlines() if ignored.exists() else []
    patterns = [line for line in lines if line and not line.startswith("#")]
    return FileSystem.fingerprint(
        str(folder), exclude=patterns, ignore_mode=IgnoreMode.DOCKER, extra_hash=extra
    )[:_LENGTH]


def building(environment: Environment, made: Images) -> list[str]:
    """Return the lines that build and push what is not in the registry by its digest."""
    choice, lines = environment.image, []
    if isinstance(choice, BuildImage):
        lines += _build(made.web, "service", target=choice.target, arguments=choice.build_args)
    return lines + _build(made.proxy, f"infra/task/proxies/{environment.proxy}")


def _build(
    name: str, folder: str, *, target: str | None = None, arguments: Mapping[str, str] | None = None
) -> list[str]:
    words = ["docker", "build", "--platform", "linux/amd64", "--tag", name]
    words += ["--target", target] if target else []
    for key, value in (arguments or {}).items():
        words += ["--build-arg", f"{key}={value}"]
    return [shlex.join([*words, folder]), shlex.join(["docker", "push", name])]
