"""Look at a container from inside, as its own user: run by `python -c` with a question."""

from __future__ import annotations  # the image's Python may be older than ours

import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

Process = dict[str, Any]
LISTENING = "0A"  # of include/net/tcp_states.h
SHELLS = {"sh", "bash", "dash", "ash"}
# Version 2 of control groups, then version 1: usage, limit, and the line of memory.stat to take off.
USAGE = ("/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory/memory.usage_in_bytes")
STAT = ("/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat")
LIMIT = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def read(*paths: str) -> str:
    """Return the text of the first file that exists."""
    for path in paths:
        try:
            return Path(path).read_text()
        except OSError:
            continue
    return ""


def fields(text: str) -> dict[str, str]:
    """Return lines such as `anon 123` and `Uid: 1 1 1` as names and values."""
    pairs = (line.split(None, 1) for line in text.splitlines())
    return {pair[0].rstrip(":"): pair[1] for pair in pairs if len(pair) == 2}


def processes() -> list[Process]:
    """Return all processes of the container but this one."""
    found = []
    for name in (entry.name for entry in Path("/proc").iterdir()):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        status = fields(read(f"/proc/{name}/status"))
        if status and not status["State"].startswith("Z"):
            found.append(
                {
                    "pid": int(name),
                    "parent": int(status["PPid"]),
                    "command": read(f"/proc/{name}/cmdline").replace("\0", " ").strip(),
                    "uid": int(status["Uid"].split()[0]),
                    "capabilities": status["CapEff"],
                    "bounding": status["CapBnd"],
                    "mib": int(fields(read(f"/proc/{name}/smaps_rollup")).get("Pss", "0 kB").split()[0])
                    / 1024,
                }
            )
    return sorted(found, key=lambda process: process["pid"])


def family() -> tuple[Process, list[Process]]:
    """Return the server's first process and its workers, past an init process and shells."""
    everyone = processes()
    first = next(each for each in everyone if each["pid"] == 1)
    init = any(word in first["command"].split()[0] for word in ("init", "catatonit", "tini"))
    main = next((each for each in everyone if each["parent"] == 1), first) if init else first
    while Path(main["command"].split()[0]).name in SHELLS:
        below = [each for each in everyone if each["parent"] == main["pid"]]
        if not below:
            break
        main = below[0]
    return main, [each for each in everyone if each["parent"] == main["pid"]]


def memory() -> dict[str, Any]:
    """Return the memory that the kernel counts against the limit, in MiB, and each process's share."""
    stat = fields(read(*STAT))
    idle = int(stat.get("total_inactive_file", stat.get("inactive_file", "0")))
    main, workers = family()
    return {
        "mib": (int(read(*USAGE) or 0) - idle) / 1024**2,
        "kills": int(fields(read(*EVENTS)).get("oom_kill", "0")),
        "main_mib": main["mib"],
        "worker_mib": [worker["mib"] for worker in workers],
    }


def watch() -> dict[str, Any]:
    """Return the highest values of memory() until stdin ends."""
    # This process uses the container's memory too.
    own = memory_of_this()
    highest: dict[str, Any] = {}
    while True:
        now = memory()
        now["mib"] -= own
        for name in ("mib", "main_mib", "kills"):
            highest[name] = max(highest.get(name, 0), now[name])
        highest["worker_mib"] = max(
            highest.get("worker_mib", []), now["worker_mib"], key=lambda all_: max(all_, default=0)
        )
        if select.select([sys.stdin], [], [], 0.3)[0]:
            return highest


def memory_of_this() -> float:
    """Return the memory that only this process uses, in MiB."""
    share = fields(read("/proc/self/smaps_rollup"))
    return sum(int(share.get(name, "0 kB").split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024


def who() -> dict[str, Any]:
    """Return the server's process and its workers."""
    main, workers = family()
    return {"main": main, "workers": workers, "limit": read(*LIMIT).strip()}


def write(*folders: str) -> dict[str, str]:
    """Try to write into each folder; return `written` or the error."""
    said = {}
    for folder in folders:
        path = Path(folder, f".preflight-{os.getpid()}")
        try:
            path.write_text("x")
            path.unlink()
            said[folder] = "written"
        except OSError as error:
            said[folder] = error.strerror or "failed"
    return said


def listens(port: str) -> list[str]:
    """Return the addresses on which somebody listens on a port, as the kernel lists them."""
    found = []
    for line in read("/proc/net/tcp").splitlines()[1:] + read("/proc/net/tcp6").splitlines()[1:]:
        _, local, _, state = line.split()[:4]
        address, number = local.split(":")
        if state == LISTENING and int(number, 16) == int(port):
            # Words of four bytes, each in the machine's order.
            words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
            family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
            found.append(socket.inet_ntop(family, b"".join(words)))
    return sorted(found)


def kill(within_s: str) -> dict[str, Any]:
    """End a worker as the kernel would when memory runs out, and wait for another in its place."""
    _, workers = family()
    if not workers:
        return {"workers": 0}
    os.kill(workers[0]["pid"], signal.SIGKILL)
    ends_at = time.monotonic() + float(within_s)
    while time.monotonic() < ends_at:
        _, now = family()
        if len(now) >= len(workers) and workers[0]["pid"] not in {each["pid"] for each in now}:
            return {"workers": len(workers), "replaced": True}
        time.sleep(0.1)
    return {"workers": len(workers), "replaced": False}


if __name__ == "__main__":
    questions = {each.__name__: each for each in (who, write, memory, watch, listens, kill)}
    print(json.dumps(questions[sys.argv[1]](*sys.argv[2:])))
