"""Check from inside the service's container who it runs as, and where it may write."""

import re
from collections.abc import Iterator
from typing import Any

from tools.preflight.check import Check, judged
from tools.preflight.situation import Situation

_NONE = "0000000000000000"
_READ_ONLY = re.compile(r"[^\n]*(?:Read-only file system|Errno 30|EROFS)[^\n]*")


def inside_checks(now: Situation) -> list[Check]:
    """Check what the server's process may do; its container must run."""
    main = now.pod.look("who")["main"]
    folders = [path for path, _ in now.task.web.mounts]
    written = now.pod.look("write", "/", "/app", "/var/tmp", *folders)  # noqa: S108 (asked for, not used)
    if not now.task.rules.confined:  # neither can be had there
        return [
            judged("runs as", list(_user(main)), f"uid {main['uid']}"),
            judged("writable", list(_folders(written, folders, main["uid"])), ", ".join(folders)),
            judged("probes", list(_listens(now)), f"they reach port {now.task.app_port} from outside"),
        ]
    return [
        judged("runs as", list(_user(main)), f"uid {main['uid']}"),
        judged("capabilities", list(_capabilities(main)), "none, nor can it get one"),
        judged("root file system", list(_root(written, folders)), "read-only"),
        judged("writable", list(_folders(written, folders, main["uid"])), ", ".join(folders) or "nothing is"),
    ]


def log_check(now: Situation) -> Check:
    """Check the log for attempts to write to the read-only file system."""
    return judged("writes", list(_writes(now.pod.log())), "none outside of its volumes")


def _listens(now: Situation) -> Iterator[tuple[str, str]]:
    """Find a service that can be asked from its own instance alone, where probes do not come from."""
    addresses = now.pod.look("listens", str(now.task.app_port))
    if addresses and all(each.startswith("127.") or each == "::1" for each in addresses):
        yield (
            (
                f"it listens on {', '.join(addresses)} alone, where probes of {now.task.rules.place} do not "
                "reach it: no instance ever starts"
            ),
            "listen on $HOST, which is 0.0.0.0 there, as service/gunicorn_conf.py does",
        )


def _user(main: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if main["uid"] == 0:
        yield "it runs as root", "USER in the Dockerfile, or `user` in the container definition"


def _capabilities(main: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if (main["capabilities"], main["bounding"]) != (_NONE, _NONE):
        yield (
            f"effective {main['capabilities']}, bounding {main['bounding']}",
            "drop ALL in the container definition, as infra/task/containers.py does",
        )


def _root(written: dict[str, str], volumes: list[str]) -> Iterator[tuple[str, str]]:
    for folder in sorted(written.keys() - volumes):
        if written[folder] == "written":
            yield f"{folder} can be written to", "readonly_root_filesystem=True in the container definition"


def _folders(written: dict[str, str], volumes: list[str], uid: int) -> Iterator[tuple[str, str]]:
    for folder in volumes:
        if written[folder] != "written":
            yield (
                f"uid {uid} cannot write to {folder} ({written[folder]}): uploads and temporary files fail",
                f"VOLUME {folder} in the Dockerfile, with mode 1777 for the folder, before USER",
            )


def _writes(log: str) -> Iterator[tuple[str, str]]:
    found = _READ_ONLY.search(log)
    if found:
        yield (
            f"it writes to the root file system, which is read-only: {found[0].strip()[:160]}",
            "write to /tmp, or to a store outside of the task",
        )
