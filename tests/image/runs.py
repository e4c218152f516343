"""Run the preflight command as a person starts it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.image.machine import ROOT, Machine

# Runs at once: a task mostly waits for its share of the CPU, so more than one per core helps.
AT_ONCE = 4


@dataclass(frozen=True)
class Run:
    """The output of a preflight command, and the checks in it."""

    code: int
    out: str
    report: dict[str, Any]

    @property
    def checks(self) -> dict[str, bool]:
        """Return for each check by its name whether it passed."""
        return {check["name"]: check["ok"] for check in self.report["checks"]}

    def found(self, name: str) -> str:
        """Return the text that a check printed."""
        return next(str(check["found"]) for check in self.report["checks"] if check["name"] == name)


def preflight(machine: Machine, *words: str) -> Run:
    """Run the preflight command to its end; of a place, with an environment of the tests."""
    module = "tests.image.at_place" if "--place" in words else "tools.preflight"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        done = subprocess.run(
            [sys.executable, "-m", module, *words, "--report", str(report)],
            cwd=ROOT,
            env=dict(machine.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        return Run(
            done.returncode,
            done.stdout + done.stderr,
            json.loads(report.read_text()) if report.exists() else {},
        )


def preflights(machine: Machine, wanted: Mapping[str, list[str]]) -> dict[str, Run]:
    """Run several preflight commands side by side; return each run by its name."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(
            zip(wanted, pool.map(lambda words: preflight(machine, *words), wanted.values()), strict=True)
        )
