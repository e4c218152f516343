"""Take the lock or the requirements of a repository as they are, to where the kit looks for them."""

import ast
import re
import tomllib
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any, NamedTuple

from tools.adopt.dockerfile import DockerfileFacts
from tools.adopt.errors import AdoptError
from tools.adopt.report import Report

SERVICE = Path("service")
REQUIREMENTS = SERVICE / "requirements.in"
# The first that is there counts: each with the file that goes with it.
_LOCKS = (("uv.lock", "pyproject.toml"), ("poetry.lock", "pyproject.toml"), ("Pipfile.lock", "Pipfile"))
_KITS = {"gunicorn", "pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "virtualenv", "pip-tools"}
_LOCKED = "# Yours: packages beside those of {lock}, which `make lock` takes as it is.\n"


class Packages(NamedTuple):
    """The files that say which packages the app needs, by their place in the project."""

    copied: dict[Path, Path]
    written: dict[Path, str]


def find_packages(
    project: Path, docker: DockerfileFacts | None, imported: Set[str], report: Report
) -> Packages:
    """Return the lock or the requirements; raises AdoptError if a file that they name is missing.

    `imported` are the names that the code imports, by which an extra is known that it needs.
    """
    copied: dict[Path, Path] = {}
    lines: list[str] = []
    extra = list(_beside(project, docker, report))
    lock = next(((lock, beside) for lock, beside in _LOCKS if (project / lock).is_file()), None)
    asked = _asked_for(project, docker)
    if lock and not asked:
        for name in lock:
            if (project / name).is_file():
                copied[SERVICE / name] = project / name
        report.taken(
            lock[0], "", f"service/{lock[0]}, as it is: `make lock` exports it with hashes for the image"
        )
        head = _LOCKED.format(lock=lock[0])
    elif found := asked or _first(
        project,
        "requirements.txt",
        "requirements/prod.txt",
        "requirements/production.txt",
        "requirements/base.txt",
        "requirements.in",
    ):
        copied = _requirements(project, found)
        report.taken(
            str(found.relative_to(project)),
            "",
            "service/requirements.in, as it is; `make lock` locks it with hashes",
        )
        if lock:
            report.otherwise(lock[0], "", f"not taken: the Dockerfile installs {found.name}")
        head = found.read_text(errors="replace").rstrip("\n") + "\n"
        if not extra:
            return Packages(copied, {})
        del copied[REQUIREMENTS]
    else:
        head, lines = (
            "# Yours: the packages of the app. `make lock` locks them with hashes.\n",
            list(_declared(project, report)),
        )
        extra += _of_extras(project, imported - {*map(_module, (*lines, *extra))}, report)
    known = {_name(line) for line in (*lines, *head.splitlines())}
    added = [line for line in dict.fromkeys(extra) if _name(line) not in known]
    return Packages(copied, {REQUIREMENTS: head + "".join(f"{line}\n" for line in (*lines, *added))})


def _asked_for(project: Path, docker: DockerfileFacts | None) -> Path | None:
    """Return the first file of requirements that the Dockerfile installs."""
    for name in docker.requirement_files if docker else ():
        for path in (
            project / name.lstrip("/"),
            project / Path(name).name,
            project / "requirements" / Path(name).name,
        ):
            if path.is_file() and path.resolve().is_relative_to(project.resolve()):
                return path
    return None


def _first(project: Path, *names: str) -> Path | None:
    return next((project / name for name in names if (project / name).is_file()), None)


def _requirements(project: Path, found: Path) -> dict[Path, Path]:
    """Return a file of requirements and all that it includes; these keep their place beside it."""
    copied = {REQUIREMENTS: found}
    waiting = [found]
    while waiting:
        file = waiting.pop()
        for name in re.findall(
            r"^\s*(?:-r|-c|--requirement|--constraint)[ =]?\s*(\S+)",
            file.read_text(errors="replace"),
            re.MULTILINE,
        ):
            path = (file.parent / name).resolve()
            if "://" in name:
                continue
            if not path.is_file() or not path.is_relative_to(project.resolve()):
                raise AdoptError(
                    f"{file.name} includes {name}, which is no file of the repository: mend the line"
                )
            place = (
                SERVICE / path.relative_to(found.parent.resolve())
                if path.is_relative_to(found.parent.resolve())
                else None
            )
            if place is None:
                raise AdoptError(
                    f"{file.name} includes {name}, which is above it: put both into one folder, or name "
                    "the upper one"
                )
            if place not in copied:
                copied[place] = path
                waiting.append(path)
    return copied


def _beside(project: Path, docker: DockerfileFacts | None, report: Report) -> Iterator[str]:
    """Yield the packages that a Dockerfile installs beside those of the files, and extras of the project."""
    for package in docker.packages if docker else ():
        if _name(package) in _KITS:
            if _name(package) == "gunicorn":
                report.otherwise(
                    f"{docker.file if docker else ''}: pip install",
                    package,
                    "the kit brings its own Gunicorn, with its own worker",
                )
            continue
        report.taken(f"{docker.file if docker else ''}: pip install", package, "service/requirements.in")
        yield package
    extras = _project(project).get("optional-dependencies", {})
    for extra in docker.extras if docker else ():
        if extra in extras:
            report.taken(
                f"pyproject.toml: {extra}",
                ", ".join(extras[extra]),
                "service/requirements.in, as the Dockerfile installs this extra",
            )
            yield from (line for line in extras[extra] if _name(line) not in _KITS)
        else:
            report.yours(
                "Dockerfile: pip install",
                f"[{extra}]",
                "no such extra in pyproject.toml: name its packages in service/requirements.in",
            )


def _of_extras(project: Path, imported: Set[str], report: Report) -> Iterator[str]:
    """Yield the packages of extras that the code imports, if it can do without them or not."""
    for extra, packages in _project(project).get("optional-dependencies", {}).items():
        for line in packages:
            if _module(line) in imported and _name(line) not in _KITS:
                report.taken(
                    f"pyproject.toml: {extra}", line, "service/requirements.in, because the code imports it"
                )
                yield line


def _declared(project: Path, report: Report) -> Iterator[str]:
    """Yield the dependencies of pyproject.toml, setup.cfg or setup.py."""
    if lines := _project(project).get("dependencies"):
        report.taken("pyproject.toml: dependencies", f"{len(lines)} packages", "service/requirements.in")
        yield from lines
    elif lines := _setup_cfg(project) or _setup_py(project):
        report.taken("setup.cfg or setup.py", f"{len(lines)} packages", "service/requirements.in")
        yield from lines
    else:
        report.yours(
            "requirements",
            "",
            "no requirements.txt, no lock, no pyproject.toml with dependencies: write the app's packages "
            "to service/requirements.in",
        )


def _project(project: Path) -> dict[str, Any]:
    path = project / "pyproject.toml"
    if not path.is_file():
        return {}
    try:
        return dict(tomllib.loads(path.read_text()).get("project", {}))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AdoptError(f"pyproject.toml is no TOML: {error}") from None


def project_name(project: Path) -> tuple[str, str]:
    """Return name and version that pyproject.toml gives the project, or nothing."""
    found = _project(project)
    return str(found.get("name", "")), str(found.get("version", "0"))


def _setup_cfg(project: Path) -> list[str]:
    path = project / "setup.cfg"
    found = (
        re.search(r"^install_requires\s*=((?:\n?[ \t]+\S.*)+)", path.read_text(), re.MULTILINE)
        if path.is_file()
        else None
    )
    return [line.strip() for line in found[1].splitlines() if line.strip()] if found else []


def _setup_py(project: Path) -> list[str]:
    path = project / "setup.py"
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.keyword)
            and node.arg == "install_requires"
            and isinstance(node.value, ast.List)
        ):
            return [
                each.value
                for each in node.value.elts
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            ]
    return []


def _name(line: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0].lower().replace("_", "-")


def _module(line: str) -> str:
    """Return the module that a package most likely has: the one of its own name."""
    return _name(line).replace("-", "_")
