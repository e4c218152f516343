"""Runs of the preflight command, started as a person starts it."""

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

# How many at once: a task mostly waits for its share of the CPU.
AT_ONCE = 4


@dataclass(frozen=True)
class Run:
    """A command's output."""

    code: int
    out: str
    report: dict[str, Any]

    @property
    def checks(self) -> dict[str, bool]:
        """Return whether each check held, by its name."""
        return {check["name"]: check["ok"] for check in self.report["checks"]}

    def found(self, name: str) -> str:
        """Return what a check found."""
        return next(str(check["found"]) for check in self.report["checks"] if check["name"] == name)


def preflight(machine: Machine, *words: str) -> Run:
    """Run it to its end."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        done = subprocess.run(
            [sys.executable, "-m", "tools.preflight", *words, "--report", str(report)],
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
    """Several runs, by their names."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(
            zip(wanted, pool.map(lambda words: preflight(machine, *words), wanted.values()), strict=True)
        )
