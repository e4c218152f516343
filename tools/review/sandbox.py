"""Run the code under review where it finds nothing: no variables, no files, no network, no other process.

Where the kernel allows, that is a set of Linux namespaces of its own. Elsewhere only the environment and the
limits hold, and the report says so.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tools.review.errors import SynthesisError

_SCRIPT = Path(__file__).with_name("sandbox.sh")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
# Of /etc what programs need to start; the rest of it may hold passwords of proxies and package indexes.
_SETTINGS = tuple(
    f"/etc/{each}"
    for each in (
        "alternatives",
        "crypto-policies",
        "group",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "localtime",
        "mime.types",
        "nsswitch.conf",
        "passwd",
        "ssl/certs",
        "ssl/openssl.cnf",
    )
)
_NAMESPACES = (
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--net",
    "--ipc",
    "--uts",
)
_INSIDE = ("unshare", *_NAMESPACES, "sh", str(_SCRIPT))
_NEEDED = ("unshare", "mount", "pivot_root", "setpriv")
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
# Where the files under review stand for the code in them: the real path would tell it that it is reviewed.
_PLACE = Path("/home/synth/project")
# https://github.com/aws/jsii/blob/main/packages/@jsii/kernel/src/tar-cache/default-cache-root.ts
_PACKAGE_CACHE = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"
_TIMEOUT_S = 300
_CPU_S = 300
# Node reserves far more addresses than it uses, so the limit is on what is written to.
_DATA_BYTES = 8 * 2**30
_FILE_BYTES = 512 * 2**20
_ERRORS_SHOWN_BYTES = 64 * 2**10

ALONE = "a user, mount, process and network namespace of its own"
NOT_ALONE = (
    "a process with no variable of yours, but this system gives it no namespace of its own: it could read "
    "your files. Review a stranger's change in a container or in CI"
)


class Ended(NamedTuple):
    """How a command ended, and the end of what it wrote to stderr."""

    code: int
    stderr: str


@cache
def isolation() -> str:
    """Return where commands run, as the report says it."""
    path = f"{os.environ.get('PATH', '')}:{_SBIN}"
    if not all(shutil.which(each, path=path) for each in _NEEDED):
        return NOT_ALONE
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        tried = subprocess.run(
            [*_INSIDE, "true"],
            env=_environment({}, root=folder, folder=folder, shown=(*_SYSTEM, *_SETTINGS)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    return ALONE if tried.returncode == 0 else NOT_ALONE


def place(folder: Path) -> Path:
    """Return the path that a folder has for the commands that run in it."""
    return _PLACE if isolation() == ALONE else folder


def run(
    command: Sequence[str], *, folder: Path, shown: Sequence[Path], environment: Mapping[str, str]
) -> Ended:
    """Run a command in `folder`, which it may write to, with `shown` read only.

    What it started does not survive it. Raises SynthesisError if it takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="sandbox-") as root, tempfile.TemporaryFile() as errors:
        known = (*_SYSTEM, *_SETTINGS, sys.base_prefix, *(str(each) for each in shown))
        if isolation() == ALONE:
            argv = [*_INSIDE, *command]
            variables = _environment(environment, root=root, folder=str(folder), shown=known)
        else:
            # The CDK is unpacked once for each user, which takes seconds.
            unpacked = {_PACKAGE_CACHE: str(_unpacked())}
            argv, variables = [*command], {**environment, **unpacked, "HOME": root}
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            preexec_fn=_limit,  # noqa: PLW1509 # it only sets limits
        )
        try:
            code = process.wait(_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise SynthesisError(f"does not end within {_TIMEOUT_S} s") from None
        finally:
            _end(process)
        size = errors.seek(0, os.SEEK_END)
        errors.seek(max(0, size - _ERRORS_SHOWN_BYTES))
        return Ended(code, errors.read().decode(errors="replace"))


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_DATA, _DATA_BYTES),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _environment(
    environment: Mapping[str, str], *, root: str, folder: str, shown: Sequence[str]
) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        **environment,
        "HOME": "/home/synth",
        "ROOT": root,
        "FOLDER": str(_PLACE),
        "SHOWN": ":".join(dict.fromkeys(shown)),
        "OWN": folder,
        "PACKAGE_CACHE": str(_unpacked()),
    }


def _unpacked() -> Path:
    """Return where the user's own synths have unpacked the CDK."""
    home = os.environ.get("HOME", "/nowhere")
    return Path(os.environ.get(_PACKAGE_CACHE) or f"{home}/.cache/aws/jsii/package-cache")
