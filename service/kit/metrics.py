"""Report on stdout, every ten seconds and at its end, what a worker did.

An idle worker reports too, because target tracking does nothing while it has no data.
"""

import json
import os
import threading
import time
from typing import Any

from flask import Flask

from service.kit import cloud_logging, emf, stdout
from service.kit.counting import Recorder
from service.kit.exchange import Observer
from service.kit.settings import Settings

INTERVAL_S = 10

_writes = True


def configure(*, write: bool) -> None:
    """Write the lines, or none at all, from now on."""
    global _writes  # noqa: PLW0603 (one stdout)
    _writes = write


class Reporter:
    """Writes a worker's line every INTERVAL_S and, so that nothing is lost, one at its end."""

    def __init__(self, recorder: Recorder, *, environment: str, version: str) -> None:
        self._recorder = recorder
        self._labels = {emf.DIMENSION: environment, "Version": version}
        self._restarts = 0
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, *, restarted: bool) -> None:
        """Begin to report; call it in the worker, for threads do not survive a fork."""
        self._restarts = int(restarted)
        # Made here: with preload_app the app exists before the fork, and so would a thread that cannot start.
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write the last line and end."""
        if self._thread:
            self._ends.set()
            self._thread.join()
            self.write()

    def _run(self) -> None:
        next_line = time.monotonic() + INTERVAL_S
        while not self._ends.wait(1):
            self._recorder.sample()
            if time.monotonic() >= next_line:
                next_line += INTERVAL_S
                self.write()

    def write(self) -> None:
        """Write the line of the interval that ends now."""
        line = self.line()
        if _writes:
            # Past `logging`: the number of tasks follows from these lines, and an app may silence any logger.
            stdout.write(json.dumps(cloud_logging.measured(line), separators=(",", ":")))

    def line(self) -> dict[str, Any]:
        """Return the interval so far as an EMF document, and begin the next interval."""
        restarts, self._restarts = self._restarts, 0
        labels = {**self._labels, "Worker": os.getpid()}
        return emf.document(self._recorder.take(), restarts=restarts, labels=labels)


def init_app(app: Flask, settings: Settings) -> Observer:
    """Return the function that counts the app's requests."""
    recorder = Recorder()
    app.extensions["kit_metrics"] = Reporter(
        recorder, environment=settings.environment, version=settings.version
    )
    return recorder.record


def start(app: object, *, restarted: bool) -> None:
    """Report what this worker does from now on; Gunicorn's hook calls it after the fork."""
    if reporter := _reporter(app):
        reporter.start(restarted=restarted)


def stop(app: object) -> None:
    """Write the last line."""
    if reporter := _reporter(app):
        reporter.stop()


def _reporter(app: object) -> Reporter | None:
    # Gunicorn may serve another app than the kit's, as benchmarks let it.
    return app.extensions.get("kit_metrics") if isinstance(app, Flask) else None
