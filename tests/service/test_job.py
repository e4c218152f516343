"""Test the program that runs jobs: what it prints, when it stops one, and what its last line says."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.service.installed import copy_kit


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the kit."""
    return copy_kit(tmp_path_factory.mktemp("job"))


def _start(
    kit: Path, variables: dict[str, str], code: str, *, timeout_s: str = "60", overlap: str = "allow"
) -> subprocess.Popen[str]:
    job = ["--timeout-s", timeout_s, "--overlap", overlap, "nightly", sys.executable, "-c", code]
    return subprocess.Popen(
        [sys.executable, "-m", "service.kit.job", *job],
        cwd=kit,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(kit), "LOG_FORMAT": "json", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _lines(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    said, _ = process.communicate(timeout=60)
    return [json.loads(line) for line in said.splitlines()]


def test_what_a_job_prints_is_in_the_services_log_and_masked(kit: Path, variables: dict[str, str]) -> None:
    first, _ = _lines(_start(kit, variables, "print('password=hunter2')"))
    assert first["message"] == "password=***"


def test_its_last_line_has_exit_code_and_time(kit: Path, variables: dict[str, str]) -> None:
    process = _start(kit, variables, "raise SystemExit(3)")
    *_, last = _lines(process)
    assert (last["job"], last["exit_code"], process.returncode) == ("nightly", 3, 3)
    assert last["message"] == f"job nightly ended with exit code 3 after {last['took_s']:.0f} s"


def test_a_job_that_takes_too_long_is_stopped(kit: Path, variables: dict[str, str]) -> None:
    process = _start(kit, variables, "import time; time.sleep(60)", timeout_s="0.5")
    *_, last = _lines(process)
    assert process.returncode == 124
    assert "was stopped after its timeout_s (0.5 s)" in last["message"]


def test_a_job_is_told_that_its_task_stops(kit: Path, variables: dict[str, str]) -> None:
    told = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    process = _start(kit, variables, f"{told}; print('ready', flush=True); time.sleep(60)")
    assert process.stdout
    assert "ready" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    *_, last = _lines(process)
    assert last["exit_code"] == 7


def test_a_command_that_there_is_not_is_told(kit: Path, variables: dict[str, str]) -> None:
    job = ["--timeout-s", "9", "--overlap", "allow", "nightly", "no-such-command"]
    done = subprocess.run(
        [sys.executable, "-m", "service.kit.job", *job],
        cwd=kit,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(kit), "LOG_FORMAT": "json", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 126
    assert "no-such-command cannot be run: No such file or directory" in done.stdout


def test_without_its_lock_it_does_not_run(kit: Path, variables: dict[str, str]) -> None:
    process = _start(kit, variables, "print('ran')", overlap="skip")
    (last,) = _lines(process)
    assert process.returncode == 126
    assert "did not run, since its lock cannot be asked" in last["message"]
