"""Install the app's locks into an environment of its own, for `make run`, the local cloud and tests/app."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.locks.app_locks import TEST_LOCK, TRACING_LOCK
from tools.locks.errors import LockError
from tools.locks.resolving import in_few_words
from tools.locks.sources import LOCK, PACKAGES, image_python, stale

_FOR = re.compile(r"^# For Python (\d+\.\d+) and newer\.$", re.MULTILINE)


def install(service: Path, folder: Path) -> list[str]:
    """Make the environment `folder` of the locks; return what a person should know.

    Raises LockError, and then no environment is left that is none of the locks'.
    """
    notes = [each for each in (stale(service), lacking_packages(service)) if each]
    # The lock of an image that traces has all of the other's packages, in the same versions.
    lock = service / (TRACING_LOCK if (service / TRACING_LOCK).is_file() else LOCK)
    python = _python(service, lock)
    tried = [_uv("venv", "--quiet", "--clear", "--no-python-downloads", "--python", python, folder)]
    if not tried[0]:
        sync = ("pip", "sync", "--quiet", "--python", folder / "bin" / "python", "--require-hashes")
        tried.append(_uv(*sync, lock, service / TEST_LOCK))
    if reason := next((each for each in tried if each), ""):
        shutil.rmtree(folder, ignore_errors=True)
        way = "\nLock a newer version of what does not build: change its pin, then `make lock UPGRADE=NAME`."
        raise LockError(
            f"The app's packages cannot be installed here: {in_few_words(reason).rstrip()}"
            f"{way if 'build' in reason else ''}"
        )
    return notes


def lacking_packages(service: Path) -> str:
    """Return the system packages of the app that this machine lacks, where dpkg knows it."""
    file = service / PACKAGES
    lines = file.read_text().splitlines() if file.is_file() else []
    stripped = [line.partition("#")[0].strip() for line in lines]
    names = [each for each in stripped if each and not each.startswith("build:")]
    if not names or not shutil.which("dpkg-query"):
        return ""
    # A name may be one that another package provides, such as libmagic1 in Debian 13.
    shown = "${db:Status-Status} ${Package}, ${Provides}\\n"
    listed = subprocess.run(  # noqa: S603 (our own command)
        ["dpkg-query", "--show", f"--showformat={shown}"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    there = {
        name.split()[0].partition(":")[0]
        for line in listed.splitlines()
        if line.startswith("installed ")
        for name in line.removeprefix("installed ").split(",")
        if name.strip()
    }
    lacking = " ".join(each for each in names if each not in there)
    return f"This machine lacks what service/{PACKAGES} names: apt-get install {lacking}" if lacking else ""


def _python(service: Path, lock: Path) -> str:
    """Return the image's Python if this machine has it, or else the tools' own, if the lock allows it."""
    wanted, here = image_python(service), "{}.{}".format(*sys.version_info)
    if not _uv("python", "find", "--quiet", "--no-python-downloads", "--no-project", wanted):
        return wanted
    least = _FOR.search(lock.read_text())
    if least and tuple(map(int, least[1].split("."))) > sys.version_info[:2]:
        raise LockError(
            f"The app's packages need Python {least[1]} or newer, and this machine has {here}: install "
            f"Python {wanted}, the image's, for example with `uv python install`."
        )
    return sys.executable


def _uv(*words: str | Path) -> str:
    """Run uv; return why it failed, and nothing if it did not."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [Path(sys.executable).with_name("uv"), *words], capture_output=True, text=True, check=False
    )
    return done.stderr.strip() or "uv failed" if done.returncode else ""
