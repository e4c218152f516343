"""Read Pipfile.lock, which pins each package of `default` with its hashes and markers."""

import json
from pathlib import Path
from typing import Any

from tools.locks.errors import LockError
from tools.locks.requirement_lines import add
from tools.locks.wanted import Pin, Wanted, name_of


def read(path: Path, wanted: Wanted) -> None:
    """Add the pins of Pipfile.lock to `wanted`."""
    try:
        lock: dict[str, Any] = json.loads(path.read_text())
        packages: dict[str, dict[str, Any]] = lock["default"]
    except (ValueError, KeyError) as error:
        raise LockError(
            f"{wanted.source} cannot be read ({error}): write it again with `pipenv lock`."
        ) from None
    required = lock.get("_meta", {}).get("requires", {})
    wanted.python = required.get("python_version", required.get("python_full_version", ""))
    for name, package in packages.items():
        _add(name, package, wanted)


def _add(name: str, package: dict[str, Any], wanted: Wanted) -> None:
    for system in ("git", "hg", "svn"):
        if system in package:
            add(f"{name} @ {system}+{package[system]}", wanted, wanted.requirements)
    if "path" in package:
        add(str(package["path"]), wanted, wanted.requirements)
    extras = f"[{','.join(package['extras'])}]" if package.get("extras") else ""
    marker = package.get("markers", "")
    condition = f" ; {marker}" if marker else ""
    if "file" in package:
        add(f"{name}{extras} @ {package['file']}{condition}", wanted, wanted.requirements)
    elif "version" in package:
        # Pipenv leaves `*` where a marker says that its own platform does not need the package.
        version = "" if package["version"] == "*" else package["version"]
        wanted.requirements.append(f"{name}{extras}{version}{condition}")
        if version.startswith("=="):
            hashes = tuple(package.get("hashes", ()))
            wanted.pins.append(Pin(name_of(name), version.removeprefix("=="), marker, hashes))
