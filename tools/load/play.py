"""Play a rate to a URL, and watch the local service meanwhile."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tools.load.forecast import percentile
from tools.load.steps import LoadError
from tools.load.watch import Measured, NothingMeasuredError, Watched, Window

_HERE = Path(__file__).resolve().parent
PYTHON = _HERE.parents[1] / ".local" / "load" / "bin" / "python"
# A rate is carried if so many of its requests get a good answer.
_GOOD_SHARE = 0.99
_IDLE_S = 3


class Played(NamedTuple):
    """Hold what came of one rate; `measured` is None if the service is not watched."""

    rate: float
    seconds: float
    sent: int
    answers: int
    in_time: int
    errors: dict[str, int]
    durations_ms: list[float]
    late_ms: float
    tasks: int
    measured: Measured | None

    @property
    def per_s(self) -> float:
        """Return the good answers a second; those that came after the last visit began are left out."""
        return self.in_time / self.seconds

    @property
    def asked_per_s(self) -> float:
        """Return the requests a second, answered or not."""
        return (self.answers + sum(self.errors.values())) / self.seconds

    @property
    def carried(self) -> bool:
        """Return whether nearly all requests were answered well."""
        return self.answers >= _GOOD_SHARE * (self.answers + sum(self.errors.values()))

    def percentile(self, percent: float) -> float:
        """Return a percentile of the good answers, ms."""
        return percentile(self.durations_ms, percent)


def play(
    url: str,
    scenario: Path,
    *,
    rate: float,
    seconds: float,
    watched: Watched | None,
    tell: Callable[[str], None],
) -> Played:
    """Play a rate for some seconds. Raises LoadError if the generator cannot."""
    window = Window(watched, idle_s=_IDLE_S) if watched else None
    began = time.monotonic()
    words = [str(PYTHON), str(_HERE / "generator.py"), url, str(scenario), f"{rate:g}", f"{seconds:g}"]
    figures: dict[str, Any] = {}
    load_began, load_ended = 0.0, time.time()
    with subprocess.Popen(  # noqa: S603 (our own generator)
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            figures = json.loads(line)
            # The first line comes a second after the first visit: Python and Locust have to start before.
            load_began = load_began or time.time() - 1
            tell(_progress(figures, seconds - (time.monotonic() - began), window, watched))
            if not figures.get("done"):
                load_ended = time.time()
        errors = process.stderr.read() if process.stderr else ""
    if process.returncode or not figures.get("done"):
        raise LoadError(f"the generator ended: {(errors.strip() or 'without a word').splitlines()[-1]}")
    measured = None
    if window:
        try:
            measured = window.end(load_began=load_began, load_ended=load_ended)
        except NothingMeasuredError as error:
            raise LoadError(str(error)) from None
    return Played(
        rate=rate,
        seconds=seconds,
        sent=figures["sent"],
        answers=figures["answers"],
        in_time=figures["in_time"],
        errors=figures["errors"] | ({"not sent": figures["left_out"]} if figures["left_out"] else {}),
        durations_ms=figures["durations_ms"],
        late_ms=figures["late_ms"],
        tasks=watched.tasks if watched else 0,
        measured=measured,
    )


def _progress(figures: dict[str, Any], left_s: float, window: Window | None, watched: Watched | None) -> str:
    errors = ", ".join(f"{kind} x {count}" for kind, count in figures["errors"].items()) or "none"
    times = "/".join(f"{figures.get(name, 0):.0f}" for name in ("p50", "p95", "p99"))
    text = (
        f"{figures['rate']:g}/s, {max(0, left_s):.0f} s left: {figures['sent']} sent, p50/95/99 {times} ms, "
        f"errors: {errors}"
    )
    if not window or not watched:
        return text
    busy = window.saturation()
    return f"{text}; tasks {watched.tasks}, busy {'unknown' if busy is None else f'{busy:.0f} %'}"


def check_installed() -> None:
    """Raise LoadError where Locust is not installed."""
    if not PYTHON.exists():
        raise LoadError("Locust is not installed: run it by `make load`, which installs it")
    if sys.platform == "win32":
        raise LoadError("it needs Linux or macOS")
