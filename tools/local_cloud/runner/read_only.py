"""Run a command that can write to some folders alone, as readonlyRootFilesystem and a volume do on ECS.

    python read_only.py FOLDER WRITABLE... -- COMMAND...

FOLDER has the code, and cannot be written to even if it is in a writable one. This needs Linux 5.12 and the
right to make a mount namespace, which a container or a hardened system may refuse: the exit code is then 111.
It imports the standard library alone, because it runs in the container's environment.
https://man7.org/linux/man-pages/man2/mount_setattr.2.html
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

REFUSED = 111
_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_MOUNT_SETATTR, _HERE, _AT_RECURSIVE = 442, -100, 0x8000
_READ_ONLY = 1


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("to_set", ctypes.c_uint64),
        ("to_clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


def works() -> bool:
    """Return whether this machine lets us make a file system read-only for one process."""
    if sys.platform != "linux":
        return False
    command = [sys.executable, "-I", __file__, "/", "--", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def wrapped(command: tuple[str, ...], folder: Path, writable: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that runs another one so."""
    return (sys.executable, "-I", __file__, str(folder), *writable, "--", *command)


def _main() -> None:
    split = sys.argv.index("--")
    folder, *writable = sys.argv[1:split]
    command, here = sys.argv[split + 1 :], Path.cwd()
    try:
        _leave()
        _make_read_only(folder, writable)
    except OSError:
        sys.exit(REFUSED)
    os.chdir(here)  # by its name again: the folder that was open before is the writable one
    try:
        os.execvp(command[0], command)  # noqa: S606 (no shell is wanted)
    except OSError as error:
        sys.exit(f"exec {command[0]}: {error.strerror}")


def _leave() -> None:
    """Leave the mount namespace of all others; without root's rights this takes a user namespace, too."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS) == 0:
        return
    _check(libc.unshare(_NEW_MOUNTS | _NEW_USER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _make_read_only(folder: str, writable: list[str]) -> None:
    _mount("/", None, _RECURSIVE | _PRIVATE)
    for path in writable:
        _mount(path, path, _BIND | _RECURSIVE)
    _set("/", _Attributes(to_set=_READ_ONLY), _AT_RECURSIVE)
    for path in writable:
        _set(path, _Attributes(to_clear=_READ_ONLY), 0)
    if folder != "/":
        _mount(folder, folder, _BIND)
        _set(folder, _Attributes(to_set=_READ_ONLY), 0)


def _mount(target: str, source: str | None, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    origin = source.encode() if source else None
    _check(libc.mount(origin, target.encode(), None, ctypes.c_ulong(flags), None))


def _set(path: str, attributes: _Attributes, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    size = ctypes.sizeof(attributes)
    _check(libc.syscall(_MOUNT_SETATTR, _HERE, path.encode(), flags, ctypes.byref(attributes), size))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    _main()
