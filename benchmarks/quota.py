"""Give a server as much CPU as a task of Fargate has, by control groups of Linux; this needs root."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.servers import Server

PERIOD_US = 100_000
# Version 1 has a tree for each resource, version 2 one for all.
_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
_numbers = itertools.count()


@contextlib.contextmanager
def limited(server: Server, cpu: int) -> Iterator[bool]:
    """Limit all processes of a server together to `cpu` units; 1024 are a core. Say whether that works here.

    Of a task's containers each has the same share, whatever the number of its processes and threads. This
    process, which sends the load, has a group of its own: if other programs kept it waiting, answers would
    seem late.
    """
    quota_us = cpu * PERIOD_US // 1024
    task = (_V1 if _V1.exists() else _V2) / f"benchmark-{os.getpid()}-{next(_numbers)}"
    sender = task.with_name(f"{task.name}-sender")
    containers = [(task / str(number), pids) for number, pids in enumerate(server.pids())]
    try:
        for group in (task, sender):
            group.mkdir()
            # The most: other programs disturb it less.
            if _V1.exists():
                (group / "cpu.shares").write_text("262144")
            else:
                (group / "cpu.weight").write_text("10000")
        (sender / "cgroup.procs").write_text(str(os.getpid()))
        if _V1.exists():
            (task / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (task / "cpu.cfs_quota_us").write_text(str(quota_us))
        else:
            (task / "cgroup.subtree_control").write_text("+cpu")
            (task / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
        for container, _ in containers:
            container.mkdir()
        moved: set[int] = set()
        # Again for those that started meanwhile: a worker outside of the group would have a core of its own.
        while new := {pid for pids in server.pids() for pid in pids} - moved:
            for (container, _), pids in zip(containers, server.pids(), strict=True):
                for pid in new.intersection(pids):
                    (container / "cgroup.procs").write_text(str(pid))
            moved |= new
        able = True
    except OSError:
        able = False
    try:
        yield able
    finally:
        for folder in (sender, *(container for container, _ in containers)):
            _empty(folder, task.parent)
        with contextlib.suppress(OSError):
            task.rmdir()


def _empty(group: Path, other: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):  # it has ended
                (other / "cgroup.procs").write_text(pid)
        group.rmdir()
