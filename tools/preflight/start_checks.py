"""Check the start: in time, and with which answer to the health check."""

import json
import time
from collections.abc import Iterator
from typing import Any

from tools.preflight.check import Check, judged
from tools.preflight.situation import Situation


def start_checks(now: Situation) -> list[Check]:
    """Start the pod; afterwards `now.answers` says whether the app answers."""
    task = now.task
    waiting = now.pod.begin("wait_until_healthy", within_s=task.grace_s, **now.health)
    began = now.pod.start()
    while waiting.poll() is None and now.pod.running():
        time.sleep(0.1)
    seconds = time.monotonic() - began
    if waiting.poll() is None:
        # The container has ended, so do not wait for the rest of the grace period.
        waiting.kill()
    out, _ = waiting.communicate()
    answer = _read(out)
    now.answers = answer.get("answers", False)
    if answer.get("healthy"):
        now.measured["start_s"] = round(seconds, 1)
    found = f"{seconds:.1f} s after its start; grace period {task.grace_s} s"
    checks = [judged("healthy", list(_start(now, answer)), found)]
    if now.answers:
        well = f"{task.health_path} is answered {answer.get('status')}, asked as a load balancer asks"
        checks.append(judged("health check", list(_health(now, answer)), well))
    return checks


def ended_check(now: Situation, problem: str) -> Check:
    """Return the fault that a container could not be started or ended early, as `problem` shows."""
    words = now.pod.last_words("web")
    return judged(
        "stays up",
        [
            (
                f"the service's container does not run: {problem}; its last words: {words}",
                (
                    f"correct what it says; {now.task.rules.keeper} starts it again and again until the "
                    "deployment is rolled back"
                ),
            )
        ],
        "",
    )


def _read(out: str) -> dict[str, Any]:
    lines = out.strip().splitlines()
    return dict(json.loads(lines[-1])) if lines else {}


def _start(now: Situation, answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if answer.get("healthy"):
        return
    grace_s = now.task.grace_s
    if not now.pod.running():
        code = now.pod.exit_code()
        yield (
            (
                f"the container ended with code {code}; its last words: {now.pod.last_words('web')}. "
                f"{now.task.rules.keeper} starts it again and again until the deployment is rolled back"
            ),
            "correct what it says; settings come from the environment, secrets by --variable NAME=VALUE",
        )
    elif not now.answers:
        yield (
            (
                f"the app does not answer on port {now.task.app_port} within the grace period of {grace_s} s "
                f"(the last answer to the load balancer: {answer.get('last') or 'none'}): "
                f"{now.task.rules.keeper} ends the task while it starts, and starts another. Last words: "
                f"{now.pod.last_words('web')}"
            ),
            "listen on $PORT, import less at the start, or raise health_check.grace_s",
        )
    else:
        yield (
            (
                f"no healthy answer within the grace period of {grace_s} s: {now.task.rules.keeper} ends the "
                "task"
            ),
            "see the health check below",
        )


def _health(now: Situation, answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if answer.get("healthy"):
        return
    path, last = now.task.health_path, str(answer.get("last"))
    if not last.isdigit():
        yield (
            f"{path} has no answer within {now.task.health_timeout_s} s: {last}",
            "answer it without asking a backend",
        )
    elif last == "400":
        yield (
            (
                f"{path} is answered 400: a list of trusted hosts refuses the load balancer, whose "
                "Host is the task's address"
            ),
            "answer the health check before Flask looks at Host, as service/kit/health.py does",
        )
    elif last.startswith("3"):
        yield (
            f"{path} is answered {last}: a redirect, to https or a login, is not healthy",
            "leave the health path out of redirects",
        )
    else:
        yield (
            (
                f"{path} is answered {last}, not {now.task.health_codes}: {now.task.rules.keeper} ends each "
                "task as unhealthy"
            ),
            "serve it, as service/kit/health.py does, or set health_check.path",
        )
