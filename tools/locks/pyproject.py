"""Read what a project asks for in its pyproject.toml, in the form of PEP 621."""

import tomllib
from pathlib import Path
from typing import Any

from tools.locks.errors import LockError
from tools.locks.requirement_lines import add as add_line
from tools.locks.wanted import Wanted


def load(path: Path, again: str) -> dict[str, Any]:
    """Return a TOML file; raise LockError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise LockError(f"service/{path.name} is missing: copy it from {again} to service/.") from None
    except (OSError, ValueError) as error:
        raise LockError(
            f"service/{path.name} cannot be read ({error}): write it again with {again}."
        ) from None


def add(document: dict[str, Any], wanted: Wanted, *, also: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Add the dependencies of [project], and those of the extras that the team chose, to `wanted`."""
    project: dict[str, Any] = document.get("project", {})
    if "dependencies" in project.get("dynamic", ()):
        raise LockError(
            f"{wanted.source} leaves the dependencies to its build tool (dynamic): write them to "
            "service/requirements.in, one a line, and take service/pyproject.toml away."
        )
    optional: dict[str, list[str]] = project.get("optional-dependencies", {})
    groups: dict[str, list[Any]] = document.get("dependency-groups", {})
    for extra in wanted.extras:
        if extra not in optional and extra not in groups and extra not in also:
            known = ", ".join(sorted({*optional, *groups, *also})) or "none"
            raise LockError(
                f"service/requirements.in asks for .[{extra}], but {wanted.source} has no such extra: choose of {known}."
            )
    lines = [*project.get("dependencies", [])]
    for extra in wanted.extras:
        lines += [
            each for each in (*optional.get(extra, ()), *groups.get(extra, ())) if isinstance(each, str)
        ]
    for line in lines:
        add_line(line, wanted, wanted.requirements)
