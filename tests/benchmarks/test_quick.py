"""Every benchmark runs and leaves its result; what it measures is not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in ROOT.glob("benchmarks/*.py") if "report.arguments(" in path.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_runs_and_leaves_its_result_with_the_machine(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--quick", "--out", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / f"{name}.json").read_text())
    assert result["quick"] is True
    assert result["rows"]
    assert {"cores", "memory_gib", "python", "gunicorn"} <= result["machine"].keys()


def test_there_are_benchmarks() -> None:
    assert {"kit_overhead", "throughput"} <= set(NAMES)
