"""Test that every benchmark runs and writes its results; the measured values are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    "bursts",
    "kit_overhead",
    "malformed",
    "overload",
    "shipped",
    "slow_clients",
    "start",
    "stopping",
    "throughput",
    "uploads",
]
# Of all servers, the one that a quick run measures.
ONLY = {"kit_overhead": "ours, nginx"}


def test_make_bench_runs_every_benchmark() -> None:
    makefile = (ROOT / "workshop" / "workshop.mk").read_text()
    (line,) = [line for line in makefile.splitlines() if "benchmarks.$$name" in line]
    assert set(NAMES) <= set(line.replace(")", " ").replace(",", " ").split())


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_run_describes_machine_and_rows(name: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        f"benchmarks.{name}",
        "--quick",
        "--only",
        ONLY.get(name, "ours"),
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / f"{name}.json").read_text())
    assert {"cores", "memory_gib", "python", "gunicorn", "flask"} <= found["machine"].keys()
    assert found["quick"] is True
    assert found["rows"]
    assert all(row["server"].startswith("ours") for row in found["rows"])


@pytest.mark.parametrize("name", NAMES)
def test_help_says_what_is_measured(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--quick" in done.stdout
    assert len(done.stdout.splitlines()) > 8
