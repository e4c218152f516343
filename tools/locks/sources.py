"""Find where a team says what its app needs, and read it."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.locks import pipfile, poetry, pyproject, requirement_lines
from tools.locks.errors import LockError
from tools.locks.wanted import SERVER, Wanted, name_of

KITS = "requirements-kit.in"
TEAMS = "requirements.in"
TRACING = "requirements-tracing.in"
TESTS = "requirements-test.in"
LOCK = "requirements.txt"
PACKAGES = "apt-packages.txt"
_LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock")
_MADE_OF = re.compile(r"^# Made of: (.+)$", re.MULTILINE)
_BASE = re.compile(r"^ARG BASE=python:(\d+\.\d+)", re.MULTILINE)


class App:
    """Hold what stands in the folder `service` about the packages of the app."""

    def __init__(self, service: Path) -> None:
        """Read it; raise LockError where it cannot be understood."""
        self.service = service
        self.python = image_python(service)
        self.lines = Wanted(TEAMS)
        self.files = [service / KITS]
        if (service / TEAMS).is_file():
            self.files += requirement_lines.read(service / TEAMS, self.lines)
        self.lock = self._foreign()
        self.wanted = [each for each in (self.lines, self.lock) if each]
        self.notes = [note for each in self.wanted for note in each.notes]
        # The server is the kit's.
        for each in self.wanted:
            each.requirements[:] = [line for line in each.requirements if name_of(line) != SERVER]
        self.pins = [pin for each in self.wanted for pin in each.pins if pin.name != SERVER]
        self.servers = [pin.version for each in self.wanted for pin in each.pins if pin.name == SERVER]

    def _foreign(self) -> Wanted | None:
        """Return what another tool's lock says, or a pyproject.toml alone; None where there is neither."""
        found = [name for name in _LOCKS if (self.service / name).is_file()]
        if len(found) > 1:
            raise LockError(
                f"service/ has {' and '.join(found)}: keep the one you deploy with, and delete the other."
            )
        project = self.service / "pyproject.toml"
        if not found:
            return self._project(project) if project.is_file() else None
        wanted = Wanted(found[0], extras=self.lines.extras)
        path = self.service / found[0]
        self.files += [path, *([project] if project.is_file() else [])]
        read: dict[str, Callable[[], None]] = {
            "uv.lock": lambda: _uv(path, wanted),
            "poetry.lock": lambda: poetry.read(path, wanted, python=self.python),
            "Pipfile.lock": lambda: pipfile.read(path, wanted),
        }
        read[found[0]]()
        return wanted

    def _project(self, path: Path) -> Wanted | None:
        wanted = Wanted(path.name, extras=self.lines.extras)
        document = pyproject.load(path, "your repository")
        if "dependencies" in document.get("tool", {}).get("poetry", {}):
            raise LockError(
                "service/pyproject.toml is Poetry's, and service/poetry.lock is missing: copy it too."
            )
        if "project" not in document:
            return None
        self.files.append(path)
        wanted.python = _lowest(document.get("project", {}).get("requires-python", ""))
        pyproject.add(document, wanted)
        return wanted

    @property
    def oldest_python(self) -> str:
        """Return the oldest Python that a lock of the team's is made for; nothing where it does not say."""
        return self.lock.python if self.lock else ""

    def digest(self) -> str:
        """Return what tells whether any of the files has changed."""
        found = hashlib.sha256()
        for path in self.files:
            found.update(path.read_bytes())
        return found.hexdigest()[:16]

    @property
    def header(self) -> str:
        """Return the lines that a lock begins with."""
        names = ", ".join(_relative(path, self.service) for path in self.files)
        return f"# Written by `make lock`: do not edit.\n# Made of: {names} ({self.digest()})\n"


def image_python(service: Path) -> str:
    """Return the Python of the image, such as 3.13."""
    found = _BASE.search((service / "Dockerfile").read_text())
    if not found:
        raise LockError(
            "service/Dockerfile has no line ARG BASE=python:VERSION-slim, which names the image's Python."
        )
    return found[1]


def stale(service: Path) -> str:
    """Return why the lock is not that of the files it is made of, and nothing if it is."""
    lock = service / LOCK
    made_of = _MADE_OF.search(lock.read_text()) if lock.is_file() else None
    app = App(service)
    if made_of and app.digest() in made_of[1]:
        return ""
    names = ", ".join(_relative(path, service) for path in app.files)
    return f"service/{LOCK} is not made of what stands in {names} now: run `make lock`."


def _relative(path: Path, service: Path) -> str:
    return str(path.relative_to(service)) if path.is_relative_to(service) else path.name


def _lowest(versions: str) -> str:
    found = re.search(r">=\s*(\d+\.\d+)", versions)
    return found[1] if found else ""


def _uv(path: Path, wanted: Wanted) -> None:
    """Add what uv itself exports of uv.lock: all but the project, its dev group, and local folders."""
    document = pyproject.load(path.with_name("pyproject.toml"), "your repository")
    wanted.python = _lowest(str(pyproject.load(path, "`uv lock`").get("requires-python", "")))
    groups = document.get("dependency-groups", {})
    options = [
        word for extra in wanted.extras for word in ("--group" if extra in groups else "--extra", extra)
    ]
    command = ["export", "--frozen", "--no-dev", "--no-emit-local", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run(  # noqa: S603 (our own command)
        [
            Path(sys.executable).with_name("uv"),
            *command,
            "--no-python-downloads",
            "--project",
            path.parent,
            *options,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LockError(f"uv cannot read service/uv.lock: {done.stderr.strip().removeprefix('error: ')}")
    requirement_lines.parse(done.stdout, wanted)
