"""Provide a package index in a folder, and a team's folder `service` whose packages are locked from it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.locks.wheels import hash_of, wheel
from tools.locks import app_locks
from tools.locks.app_locks import Made

KITS = """
flask>=2.2,<4
gunicorn>=27,<28
flask-limiter>=3,<5
"""


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an index of a few packages, most of them in more than one version."""
    folder = tmp_path_factory.mktemp("index")
    for version in ("1.1.4", "2.3.3", "3.0.3", "3.1.3"):
        extras = "Provides-Extra: async\nRequires-Dist: asgiref; extra == 'async'"
        wheel(folder, "flask", version, "werkzeug>=2", "colorama; sys_platform == 'win32'", extras=extras)
    for name in ("werkzeug", "orders", "asgiref", "colorama", "taxes", "pytest"):
        for version in ("2.0", "2.5", "3.0"):
            wheel(folder, name, version)
    early, late = "taxes<3; python_version < '3.12'", "taxes>=3; python_version >= '3.12'"
    wheel(folder, "shop-client", "1.0", "orders", early, late)
    for version in ("22.0", "27.0", "27.1"):
        wheel(folder, "gunicorn", version)
    for version in ("1.5", "4.0"):
        wheel(folder, "flask-limiter", version)
    wheel(folder, "opentelemetry-sdk", "1.9", "orders>=2.5")
    for version in ("1.0", "2.0"):
        wheel(folder, "fast", version, tag="cp313-cp313-manylinux_2_28_x86_64")
    return folder


@dataclass(frozen=True)
class Team:
    """A folder `service` with the kit's files and what a team puts there."""

    service: Path
    index: Path

    def write(self, **files: str) -> "Team":
        """Write files of the team's; `__` in a name is a dot."""
        for name, text in files.items():
            (self.service / name.replace("__", ".")).write_text(text)
        return self

    def lock(self, *, upgrade: str = "", architectures: tuple[str, ...] = ("ARM64",)) -> Made:
        """Lock as `make lock` does, and write the locks."""
        made = app_locks.make(self.service, architectures=architectures, upgrade=upgrade)
        for path, text in made.texts.items():
            path.write_text(text)
        return made

    @property
    def text(self) -> str:
        """Return the lock of the image."""
        return (self.service / "requirements.txt").read_text()

    @property
    def pins(self) -> dict[str, str]:
        """Return the lock's versions, each with its marker, by name."""
        found = re.findall(r"^([a-z-]+)(?:\[[^]]*\])?==([^\s;\\]+ ?;?[^\\\n]*)", self.text, re.MULTILINE)
        return {name: version.strip() for name, version in found}

    def hashes(self, name: str) -> set[str]:
        """Return the hashes that the lock has for a package."""
        block = re.search(rf"^{name}==.*\n((?: {{4}}--hash.*\n)+)", self.text, re.MULTILINE)
        return set(re.findall(r"--hash=(\S+)", block[1])) if block else set()

    def hash(self, name: str, version: str) -> str:
        """Return the hash of a package in the index."""
        return hash_of(self.index / f"{name.replace('-', '_')}-{version}-py3-none-any.whl")


# Of a module: a session's fixture would end after other folders' tests, which need real packages.
@pytest.fixture(scope="module", autouse=True)
def _alone(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let uv and pip know no index but the folder, and nothing that another run has kept."""
    only = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path_factory.mktemp("cache")), "UV_NO_CONFIG": "1"}
    only |= {"UV_FIND_LINKS": str(index), "PIP_FIND_LINKS": str(index)}
    only |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
            patch.delenv(name)
        for name, value in only.items():
            patch.setenv(name, value)
        yield


def team_in(folder: Path, index: Path) -> Team:
    """Make a team's folder with the kit's files."""
    service = folder / "service"
    service.mkdir()
    (service / "Dockerfile").write_text("ARG BASE=python:3.13-slim\n")
    (service / "requirements-kit.in").write_text(KITS)
    (service / "requirements-tracing.in").write_text("opentelemetry-sdk==1.*\n")
    (service / "requirements-test.in").write_text("pytest==3.*\n")
    return Team(service, index)


@pytest.fixture
def team(index: Path, tmp_path: Path) -> Team:
    return team_in(tmp_path, index)
