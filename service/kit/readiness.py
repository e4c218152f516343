"""Readiness: checks of backends, each with a time limit, asked at most once a second."""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from flask import Flask

from service.kit.slots import slots

Check = Callable[[], object]

# Probes come from every load balancer node and every alarm: a backend sees one of them per worker and second.
FRESH_S = 1.0
# A drill that somebody forgot ends by itself.
DRILL_S = 600

log = structlog.get_logger(__name__)


@dataclass
class _Registered:
    check: Check
    timeout_s: float
    running: Future[object] | None = None


@dataclass
class Readiness:
    """What /readyz says: starting, ready, not ready, stopping or drill."""

    app: Flask
    _checks: dict[str, _Registered] = field(default_factory=dict)
    _results: dict[str, str] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _passed_once: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def register(self, name: str, check: Check, timeout_s: float) -> None:
        """Add a check; raises ValueError when the name is taken."""
        if name in self._checks:
            raise ValueError(
                f"readiness check {name!r} is already registered; names in use: {', '.join(self._checks)}"
            )
        self._checks[name] = _Registered(check, timeout_s)

    def now(self) -> tuple[str, dict[str, str]]:
        """The status, and each check's result: ok, failed or timed out."""
        # Whoever comes while another asks waits for that answer instead of asking too.
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
            # One that still hangs is not asked again: it would pile up on a backend that is already slow.
            if each.running is None or each.running.done():
                each.running = self._start(each.check)
        return {name: self._result(name, each, began) for name, each in self._checks.items()}

    def _start(self, check: Check) -> Future[object]:
        running: Future[object] = Future()

        def run() -> None:
            try:
                with self.app.app_context():
                    running.set_result(check())
            except BaseException as error:  # noqa: BLE001 (handed to who waits for the result)
                running.set_exception(error)

        # A daemon, unlike those of a pool: a check that hangs must not hold up the end of the worker.
        threading.Thread(target=run, name="readiness", daemon=True).start()
        return running

    @staticmethod
    def _result(name: str, each: _Registered, began: float) -> str:
        running = each.running
        assert running is not None  # noqa: S101 (started just before)
        try:
            passed = running.result(max(0.0, began + each.timeout_s - time.monotonic()))
        except LateError:
            if running.done():  # the check itself ran into a timeout
                log.exception("readiness check failed", check=name)
                return "failed"
            log.error("readiness check timed out", check=name, timeout_s=each.timeout_s)  # noqa: TRY400 (no trace to show)
            return "timed out"
        except Exception:  # a check may raise anything; it is logged, not shown
            log.exception("readiness check failed", check=name)
            return "failed"
        return "failed" if passed is False else "ok"

    # --- drill -----------------------------------------------------------------------------------

    @property
    def _flag(self) -> Path:
        # All workers of a task have the same parent, and share /tmp with it alone.
        return Path(tempfile.gettempdir(), f"readyz-drill-{os.getppid()}")

    def drill(self, *, on: bool) -> None:
        """Make all workers of this task say `drill`, or stop that."""
        log.warning("readiness drill", on=on)
        if on:
            self._flag.touch()
        else:
            self._flag.unlink(missing_ok=True)

    def _drilled(self) -> bool:
        try:
            return time.time() - self._flag.stat().st_mtime < DRILL_S
        except OSError:
            return False
