"""Check a task under load: memory, health checks, and a worker that dies."""

import json
import time
from collections.abc import Iterator
from typing import Any

from tools.preflight.check import Check, judged
from tools.preflight.engine import CannotRunError
from tools.preflight.situation import Situation

LOAD_S = 5
# The share of the task's memory that may be used: the rest is for growth and for heavier pages.
MOST_USED = 0.9
REPLACED_WITHIN_S = 15
_UPLOAD_BYTES = 10 * 1024**2


def load_checks(now: Situation) -> list[Check]:
    """Check visits and uploads on all threads at once, and add memory in MiB to `measured`."""
    task, pod = now.task, now.pod
    idle = pod.look("memory")
    watch = pod.watch()
    load = pod.begin(
        "load",
        health=now.health,
        path=now.load.path,
        upload_path=now.load.upload_path,
        visitors=task.slots,
        uploaders=task.slots,
        bytes=task.front.number("MAX_CONTENT_LENGTH_BYTES", _UPLOAD_BYTES),
    )
    time.sleep(LOAD_S)
    others = pod.others_mib()
    said = _last(load.communicate("\n")[0])
    most = _last(watch.communicate("\n")[0])
    if not said or not most:
        return [_ended(now)]
    total = most["mib"] + sum(others.values())
    now.measured |= {
        "workers": len(most["worker_mib"]),
        "threads": task.web.number("GUNICORN_THREADS", 0),
        "task_mib": task.memory_mib,
        "idle_mib": round(idle["mib"]),
        "saturated_mib": round(most["mib"]),
        "main_mib": round(most["main_mib"]),
        "worker_idle_mib": round(max(idle["worker_mib"], default=0)),
        "worker_saturated_mib": round(max(most["worker_mib"], default=0)),
        "others_mib": {name: round(mib) for name, mib in others.items()},
        "requests": sum(said["visits"].values()) + sum(said["uploads"].values()),
    }
    answered, asked = said["checks"].get("200", 0), sum(said["checks"].values())
    return [
        judged("memory", list(_memory(most, total, task.memory_mib)), _share(total, task.memory_mib)),
        judged("health under load", list(_health(now, said)), f"{answered} of {asked} health checks passed"),
        judged("no errors under load", list(_errors(said)), f"{now.measured['requests']} requests, no 500"),
    ]


def worker_check(now: Situation) -> Check:
    """End a worker; Gunicorn must start another, and the task stay healthy."""
    try:
        said = now.pod.look("kill", str(REPLACED_WITHIN_S))
    except CannotRunError:  # the container ended with its worker
        return judged("killed worker", list(_worker({"workers": 1, "replaced": False}, healthy=False)), "")
    answer = now.pod.balance("wait_until_healthy", within_s=REPLACED_WITHIN_S, **now.health)
    well = f"one of {said['workers']} was replaced, and the task stayed healthy"
    return judged("killed worker", list(_worker(said, healthy=answer["healthy"])), well)


def _share(total: float, limit_mib: int) -> str:
    return f"{total:.0f} of {limit_mib} MiB with every thread busy"


def _last(out: str) -> dict[str, Any]:
    lines = out.strip().splitlines()
    return dict(json.loads(lines[-1])) if lines else {}


def _ended(now: Situation) -> Check:
    return judged("memory", [_killed(now.task.memory_mib)], "")


def _killed(limit_mib: int) -> tuple[str, str]:
    return (
        (
            f"it took more than the task's {limit_mib} MiB under load and the kernel killed it (exit code "
            "137; on Fargate OutOfMemoryError)"
        ),
        "raise tasks.memory_mib, or lower tasks.workers and tasks.threads",
    )


def _memory(most: dict[str, Any], total: float, limit_mib: int) -> Iterator[tuple[str, str]]:
    if most["kills"]:
        yield _killed(limit_mib)
    elif total > MOST_USED * limit_mib:
        yield (
            (
                f"{_share(total, limit_mib)}, which leaves less than a tenth: the next large request is "
                "one too many"
            ),
            "raise tasks.memory_mib, or lower tasks.workers and tasks.threads",
        )


def _health(now: Situation, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    failed = {status: count for status, count in said["checks"].items() if status != "200"}
    if failed and not now.measured.get("start_s"):
        yield "the health check failed before, too", "see the health check above"
    # A single late answer does not make a target unhealthy.
    elif failed and (
        "200" not in said["checks"] or said["checks_failed_in_a_row"] >= now.task.unhealthy_count
    ):
        yield (
            (
                f"{sum(failed.values())} of {sum(said['checks'].values())} health checks failed within "
                f"{now.task.health_timeout_s} s each: {now.task.rules.keeper} ends a good task that is busy"
            ),
            (
                "more threads than the app has slow requests, and a health check that needs none, as "
                "service/server/worker.py"
            ),
        )


def _errors(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    wrong = {
        status: count
        for kind in ("visits", "uploads")
        for status, count in said[kind].items()
        if status in ("0", "500", "502", "504")
    }
    if wrong:
        counts = ", ".join(
            f"{count} x {status if status != '0' else 'no answer'}" for status, count in wrong.items()
        )
        yield f"{counts} ({'; '.join(said['reasons'][:2]) or 'see its log'})", "see its log"


def _worker(said: dict[str, Any], *, healthy: bool) -> Iterator[tuple[str, str]]:
    fix = "run Gunicorn with two or more workers"
    if not said["workers"]:
        yield "there is one process and nobody to replace it: one crash is an outage", fix
    elif not said["replaced"]:
        yield (
            (
                f"no other came within {REPLACED_WITHIN_S} s: each crash costs capacity until the task is "
                "replaced"
            ),
            fix,
        )
    elif not healthy:
        yield "the task is not healthy afterwards", fix
