"""Name each package that the image could only have by compiling it, before any image is built."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from tools.locks.resolving import run_uv

_MACHINES = {"ARM64": "aarch64", "X86_64": "x86_64"}
# The C library of Debian 13, on which the image's Python is built.
_GLIBC = 41


class Lacking(NamedTuple):
    """A package that pip has to build in the image; `elsewhere` are the architectures that have a wheel."""

    name: str
    version: str
    architecture: str
    elsewhere: tuple[str, ...]


def lacking(lock: str, *, python: str, architectures: Iterable[str]) -> list[Lacking]:
    """Return the packages of a lock that have no wheel for the image on one of the architectures."""
    packages = _files(lock, python)
    return [
        found for each in architectures for package in packages for found in _lacking(package, python, each)
    ]


def compiled(lock: str, *, python: str) -> set[str]:
    """Return the packages of a lock that have a wheel with machine code for a Python."""
    return {
        package["name"]
        for package in _files(lock, python)
        if any(tag.platform != "any" for each in package.get("wheels", ()) for tag in _tags_of(each))
    }


def _files(lock: str, python: str) -> list[dict[str, Any]]:
    """Return the packages of a lock with their files for a Python, as a pylock.toml has them."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "lock.txt").write_text(lock)
        words = [
            "lock.txt",
            "--no-deps",
            "--universal",
            "--python-version",
            python,
            "--output-file",
            "pylock.toml",
        ]
        run_uv(["pip", "compile", *words], cwd=Path(folder))
        packages = tomllib.loads((Path(folder) / "pylock.toml").read_text()).get("packages", [])
    return list(packages)


def _lacking(package: dict[str, Any], python: str, architecture: str) -> Iterator[Lacking]:
    if "version" not in package or not _needed(package.get("marker", ""), python, architecture):
        return
    tags = [_tags_of(each) for each in package.get("wheels", ())]
    fitting = [each for each in _MACHINES if any(_tags(python, each) & found for found in tags)]
    if architecture not in fitting:
        yield Lacking(package["name"], package["version"], architecture, tuple(fitting))


def _needed(marker: str, python: str, architecture: str) -> bool:
    image = {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": _MACHINES[architecture],
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    return not marker or Marker(marker).evaluate(image)


def _tags(python: str, architecture: str) -> set[Tag]:
    machine, version = _MACHINES[architecture], tuple(map(int, python.split(".")))
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 4, -1)]
    platforms += [f"{old}_{machine}" for old in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    return {
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, f"cp{''.join(map(str, version))}", platforms),
    }


def _tags_of(wheel: dict[str, Any]) -> frozenset[Tag]:
    return parse_wheel_filename(_name(wheel))[3]


def _name(wheel: dict[str, Any]) -> str:
    return str(wheel.get("name") or wheel.get("url", wheel.get("path", "")).rpartition("/")[2]).replace(
        "%2B", "+"
    )
