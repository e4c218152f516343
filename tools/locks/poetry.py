"""Read poetry.lock: its versions and hashes bind, and pyproject.toml says what the app itself asks for.

Locks of Poetry before 2.0 do not say under which markers a package is needed. So the resolver finds that out
again from what the app asks for, bound to the lock's versions.
"""

import re
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tools.locks import pyproject
from tools.locks.errors import LockError
from tools.locks.requirement_lines import add
from tools.locks.wanted import Pin, Wanted, name_of

_VERSION_CONTROL = ("git", "hg", "svn")


def read(path: Path, wanted: Wanted, *, python: str) -> None:
    """Add what pyproject.toml asks for, and the pins of poetry.lock, to `wanted`; `python` is the image's."""
    lock = pyproject.load(path, "`poetry lock`")
    project = pyproject.load(path.with_name("pyproject.toml"), "your repository")
    wanted.python = _oldest(str(lock.get("metadata", {}).get("python-versions", "")))
    packages: list[dict[str, Any]] = lock.get("package", [])
    poetry: dict[str, Any] = project.get("tool", {}).get("poetry", {})
    extras = poetry.get("extras", {})
    chosen = {name_of(each) for extra in wanted.extras for each in extras.get(extra, ())}
    if "project" in project:
        pyproject.add(project, wanted, also=set(extras))
    for name, asked in poetry.get("dependencies", {}).items():
        for each in asked if isinstance(asked, list) else [asked]:
            details = each if isinstance(each, dict) else {}
            if name_of(name) != "python" and (not details.get("optional") or name_of(name) in chosen):
                wanted.requirements.append(_requirement(name, details))
    # The versions are the lock's, so that those of the project have nothing to add.
    wanted.requirements[:] = list(dict.fromkeys(wanted.requirements))
    for package in _one_of_each(packages, lock, python):
        _add(package, lock, wanted)


def _requirement(name: str, details: dict[str, Any]) -> str:
    extras = f"[{','.join(details['extras'])}]" if details.get("extras") else ""
    markers = [details["markers"]] if details.get("markers") else []
    if asked := details.get("python"):
        markers.append(_python_marker(asked))
    if platform := details.get("platform"):
        markers.append(f"sys_platform == '{platform}'")
    condition = " and ".join(f"({each})" for each in markers if each)
    return f"{name}{extras}" + (f" ; {condition}" if condition else "")


def _python_marker(versions: str) -> str:
    """Return Poetry's `>=3.8,<3.11`, `^3.8` or `~3.10` as a marker."""
    return " or ".join(
        " and ".join(
            f"python_full_version {each.operator} '{each.version}'"
            for each in sorted(_specifiers(part), key=str)
        )
        for part in re.split(r"\|\|?", versions)
        if part.strip() not in {"", "*"}
    )


def _specifiers(versions: str) -> SpecifierSet:
    """Return the versions in the words of packages: Poetry adds ^ and ~, and takes blanks for commas."""
    found = []
    for part in re.split(r"\s*,\s*|\s+(?=[<>=!^~])", versions.strip()):
        if caret := re.fullmatch(r"([\^~])\s*(\d+)(?:\.(\d+))?(.*)", part):
            major, minor = int(caret[2]), int(caret[3] or 0)
            below = f"{major}.{minor + 1}" if caret[1] == "~" and caret[3] else f"{major + 1}"
            found += [f">={part[1:].strip()}", f"<{below}"]
        elif part and part != "*":
            found.append(part if part[0] in "<>=!" else f"=={part}")
    try:
        return SpecifierSet(",".join(found))
    except InvalidSpecifier:
        return SpecifierSet()


def _oldest(versions: str) -> str:
    lowest = [
        each.version for each in _specifiers(versions.partition("|")[0]) if each.operator in {">=", "=="}
    ]
    return lowest[0].removesuffix(".*") if lowest else ""


def _one_of_each(packages: list[dict[str, Any]], lock: dict[str, Any], python: str) -> list[dict[str, Any]]:
    """Return the packages, and of several versions that no marker tells apart, the newest for the image's Python."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for package in packages:
        by_name.setdefault(name_of(package["name"]), []).append(package)
    kept = []
    for versions in by_name.values():
        if len(versions) > 1 and not all(each.get("markers") for each in versions):
            fitting = [
                each
                for each in versions
                if _specifiers(str(each.get("python-versions", ""))).contains(python)
            ]
            kept.append((fitting or versions)[-1])
        else:
            kept += versions
    return kept


def _add(package: dict[str, Any], lock: dict[str, Any], wanted: Wanted) -> None:
    name, source = package["name"], package.get("source", {})
    kind = source.get("type", "")
    needed = any(name_of(each) == name_of(name) for each in wanted.requirements)
    if kind in _VERSION_CONTROL:
        add(f"{name} @ {kind}+{source['url']}", wanted, wanted.requirements)
    elif kind in {"directory", "file"}:
        wanted.requirements[:] = [each for each in wanted.requirements if name_of(each) != name_of(name)]
        add(f"-e {source['url']}", wanted, wanted.requirements)
    elif kind == "url":
        wanted.requirements[:] = [each for each in wanted.requirements if name_of(each) != name_of(name)]
        wanted.requirements += [f"{name} @ {source['url']}"] * needed
    else:
        # Before 1.3 the hashes of all packages stood at the end.
        files = package.get("files") or lock.get("metadata", {}).get("files", {}).get(name, [])
        marker = package.get("markers", "")
        if isinstance(marker, dict):  # by group; what the app needs is in main
            marker = marker.get("main", "")
        hashes = tuple(str(each["hash"]) for each in files)
        wanted.pins.append(Pin(name_of(name), str(package["version"]), marker, hashes))


def constraints(wanted: Wanted) -> list[str]:
    """Return the versions of the lock that are no requirement by themselves."""
    return [pin.line for pin in wanted.pins]


__all__ = ["LockError", "constraints", "read"]
