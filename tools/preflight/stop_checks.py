"""Check the end: SIGTERM with requests in flight, as at every deployment."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

from tools.preflight.check import Check, judged
from tools.preflight.situation import Situation

_MOST = 8


def stop_checks(now: Situation) -> list[Check]:
    """Stop the task as ECS does, while visitors ask and uploads are half done."""
    task = now.task
    visiting = min(_MOST, max(2, task.slots // 4))
    clients = now.pod.begin(
        "last_requests",
        path=now.load.path,
        upload_path=now.load.upload_path,
        held_paths=[path for path in (now.load.slow_path, now.load.stream_path) if path],
        visitors=visiting,
        uploaders=visiting,
        bytes=20_000,
    )
    in_flight = json.loads(_line(clients) or "{}").get("in_flight", 0)
    # A load balancer sends requests for a moment after SIGTERM, and LAME_DUCK_S is how long a task serves on.
    serves_on_s = task.front.number("LAME_DUCK_S", 0)
    if serves_on_s:
        teller = threading.Timer(max(0.5, serves_on_s - 1), _tell, [clients])
        teller.start()
    else:
        _tell(clients)
    ended = now.pod.stop()
    said = _last(clients)
    now.measured["stop_s"] = round(max(seconds for _, seconds in ended.values()), 1)
    answered = sum(said.get("answers", {}).values())
    well = f"none lost of {answered}, {in_flight} of them half sent or under way at SIGTERM"
    return [
        judged("requests in flight", list(_lost(said)), well),
        *_ends(now, ended),
    ]


def ends_check(now: Situation) -> list[Check]:
    """Stop a task that answers nobody."""
    return _ends(now, now.pod.stop())


def _ends(now: Situation, ended: dict[str, tuple[int, float]]) -> list[Check]:
    longest = max(seconds for _, seconds in ended.values())
    codes = ", ".join(f"{name} {code}" for name, (code, _) in ended.items())
    return [
        judged("exit code", list(_codes(now, ended)), codes),
        judged(
            "stop timeout",
            list(_times(now, ended)),
            f"gone after {longest:.1f} s, of {now.task.front.stop_timeout_s}",
        ),
    ]


def _line(clients: subprocess.Popen[str]) -> str:
    assert clients.stdout  # noqa: S101 (a pipe)
    return clients.stdout.readline()


def _tell(clients: subprocess.Popen[str]) -> None:
    assert clients.stdin  # noqa: S101 (a pipe)
    clients.stdin.write("\n")
    clients.stdin.flush()


def _last(clients: subprocess.Popen[str]) -> dict[str, Any]:
    lines = clients.communicate()[0].strip().splitlines()
    time.sleep(0)
    return dict(json.loads(lines[-1])) if lines else {}


def _lost(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    fix = "let Gunicorn finish them: exec form, graceful timeout below the stop timeout"
    if not said:
        yield "the requests never came to an end", fix
        return
    lost = {
        status: count for status, count in said["answers"].items() if int(status) == 0 or int(status) >= 500
    }
    if lost:
        counts = ", ".join(
            f"{count} x {status if status != '0' else 'no answer'}" for status, count in lost.items()
        )
        yield f"{counts} ({'; '.join(said['reasons'][:2])}): visitors see 502 at every deployment", fix


def _codes(now: Situation, ended: dict[str, tuple[int, float]]) -> Iterator[tuple[str, str]]:
    for name, (code, _) in ended.items():
        if code == 137:
            yield (
                f"container '{name}' ignores SIGTERM and is killed (137): what it was doing is lost",
                "exec form, so that the server gets the signal; in Python, handle SIGTERM",
            )
        elif code:
            yield (
                f"container '{name}' ends with {code}, so that {now.task.rules.keeper} counts a failure",
                "exit with 0 after SIGTERM",
            )


def _times(now: Situation, ended: dict[str, tuple[int, float]]) -> Iterator[tuple[str, str]]:
    for container in now.task.containers:
        _, seconds = ended[container.name]
        if seconds >= container.stop_timeout_s:
            yield (
                (
                    f"container '{container.name}' is still there {container.stop_timeout_s} s after "
                    "SIGTERM: every deployment and every scale-in takes as long"
                ),
                "end when the last request has ended",
            )
