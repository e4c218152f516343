"""Run the checks of backends, each with a time limit, at most once a second."""

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from service.kit.slots import slots

Check = Callable[[], object]

# Every load balancer node and alarm sends probes: a backend is asked once per worker and second.
FRESH_S = 1.0
# A drill that somebody forgot ends by itself.
DRILL_S = 600

log = logging.getLogger(__name__)


@dataclass
class _Registered:
    check: Check
    timeout_s: float
    running: Future[object] | None = None


@dataclass
class Readiness:
    """The state that /readyz tells: starting, ready, not ready, stopping or drill."""

    app: Flask
    _checks: dict[str, _Registered] = field(default_factory=dict)
    _results: dict[str, str] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _passed_once: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, name: str, check: Check, timeout_s: float) -> None:
        """Add a check; raise ValueError when the name is taken."""
        if name in self._checks:
            raise ValueError(
                f"readiness check {name!r} is already registered; names in use: {', '.join(self._checks)}"
            )
        self._checks[name] = _Registered(check, timeout_s)

    def now(self) -> tuple[str, dict[str, str]]:
        """Return the status, and the result of each check: ok, failed or timed out."""
        # A request that comes while the checks run waits for their results.
        with self._lock:
            if time.monotonic() - self._asked_at > FRESH_S:
                self._results = self._ask_all()
                self._asked_at = time.monotonic()
            results = dict(self._results)
        passing = set(results.values()) <= {"ok"}
        self._passed_once = self._passed_once or passing
        return self._status(passing=passing), results

    def _status(self, *, passing: bool) -> str:
        if slots.stopping:
            return "stopping"
        if self._drilled():
            return "drill"
        if passing:
            return "ready"
        return "not ready" if self._passed_once else "starting"

    def _ask_all(self) -> dict[str, str]:
        began = time.monotonic()
        for each in self._checks.values():
            # A check that still hangs is not started again: a slow backend would get more and more of them.
            if each.running is None or each.running.done():
                each.running = self._start(each.check)
        return {name: self._result(name, each, began) for name, each in self._checks.items()}

    def _start(self, check: Check) -> Future[object]:
        running: Future[object] = Future()

        def run() -> None:
            try:
                with self.app.app_context():
                    running.set_result(check())
            except BaseException as error:  # noqa: BLE001 (handed to the thread that waits for the result)
                running.set_exception(error)

        # A daemon thread, unlike a thread of a pool: a check that hangs must not keep the worker from ending.
        threading.Thread(target=run, name="readiness", daemon=True).start()
        return running

    @staticmethod
    def _result(name: str, each: _Registered, began: float) -> str:
        running = each.running
        assert running is not None  # noqa: S101 (started just before)
        try:
            passed = running.result(max(0.0, began + each.timeout_s - time.monotonic()))
        except LateError:
            if running.done():  # the check itself raised the timeout
                log.exception("readiness check failed", extra={"check": name})
                return "failed"
            log.error(  # noqa: TRY400 (no trace to show)
                "readiness check timed out", extra={"check": name, "timeout_s": each.timeout_s}
            )
            return "timed out"
        except Exception:  # a check may raise anything; strangers do not see it
            log.exception("readiness check failed", extra={"check": name})
            return "failed"
        return "failed" if passed is False else "ok"

    @property
    def _flag(self) -> Path:
        # All workers of a task have the same parent process and the same /tmp, and no other task has them.
        return Path(tempfile.gettempdir(), f"readyz-drill-{os.getppid()}")

    def drill(self, *, on: bool) -> None:
        """Make all workers of this task answer `drill`, or end that."""
        log.warning("readiness drill", extra={"on": on})
        if on:
            self._flag.touch()
        else:
            self._flag.unlink(missing_ok=True)

    def _drilled(self) -> bool:
        try:
            return time.time() - self._flag.stat().st_mtime < DRILL_S
        except OSError:
            return False
