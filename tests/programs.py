"""Name the programs that `make test-all` uses beside Python and make, and say which this machine lacks.

It needs only Python's standard library, because CI runs it before anything is installed. In CI the exit code
is 1 if a program is missing.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple


class Program(NamedTuple):
    """A program, what tests use it for, and the Debian package that has it."""

    names: tuple[str, ...]
    used_for: str
    package: str


PROGRAMS = (
    Program(("chromium", "chromium-browser", "google-chrome"), "the pages in a real browser", "chromium"),
    Program(("apache2", "httpd"), 'environments with proxy="apache"', "apache2"),
    Program(("openssl",), "TLS between the load balancer and a proxy", "openssl"),
    Program(("git",), "reviews of a change", "git"),
)
# Docker alone is enough to run the images; podman, as root and without a registry, needs the others.
WITHOUT_DOCKER = tuple(
    Program((name,), "images as Fargate runs them", name)
    for name in ("podman", "runc", "mmdebstrap", "catatonit")
)
_PATH = f"{os.environ['PATH']}:/usr/sbin:/usr/libexec/podman"


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    return (
        docker is not None
        and not subprocess.run([docker, "info"], capture_output=True, check=False).returncode
    )


def missing() -> Iterator[Program]:
    """Yield each program that this machine lacks."""
    for program in (*PROGRAMS, *(() if _docker_answers() else WITHOUT_DOCKER)):
        if not any(shutil.which(name, path=_PATH) for name in program.names):
            yield program


def main() -> int:
    """Print what is missing and how to install it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.programs", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--packages", action="store_true", help="print the names of Debian's packages alone")
    only_packages = parser.parse_args().packages
    lacking = list(missing())
    packages = " ".join(program.package for program in lacking)
    if only_packages:
        print(packages)
        return 0
    if not lacking:
        print("All programs that the tests use are on this machine.")
        return 0
    print("Missing on this machine, and so the tests that use it are skipped:")
    for program in lacking:
        print(f"  {program.names[0]:12} {program.used_for}")
    print(f"To install: sudo apt-get install --no-install-recommends {packages}")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
