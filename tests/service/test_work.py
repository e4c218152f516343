"""Test work beside requests: a module of the app that runs with the service's log."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.kit.work import beat
from tests.service.installed import copy_kit

MODULE = """
import logging
import sys

logging.getLogger("shop").info("sent to %s", "https://user:hunter2@example.com", extra={"token": "abc"})
print("password=hunter2", *sys.argv[1:], __name__)
raise ValueError("api_key=hunter2")
"""


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a module of a team's package as a task would."""
    folder = copy_kit(tmp_path_factory.mktemp("work"))
    package = folder / "service" / "src" / "shop"
    package.mkdir()
    (package / "mail.py").write_text(MODULE)
    return _work(folder, variables, "shop.mail", "--once")


def _work(folder: Path, variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.kit.work", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "LOG_FORMAT": "json", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def lines(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_all_that_it_writes_is_a_line_of_the_services_log(run: subprocess.CompletedProcess[str]) -> None:
    assert [line["logger"] for line in lines(run)] == ["shop", "stdout", "service.kit.work"]
    assert "api_key=***" in lines(run)[2]["exception"]
    assert run.stderr == ""


def test_secrets_are_masked(run: subprocess.CompletedProcess[str]) -> None:
    assert "hunter2" not in run.stdout
    assert lines(run)[0]["token"] == "***"


def test_it_runs_as_python_m_would(run: subprocess.CompletedProcess[str]) -> None:
    assert lines(run)[1]["message"] == "password=*** --once __main__"
    assert run.returncode == 1


def test_a_module_must_be_named(tmp_path: Path, variables: dict[str, str]) -> None:
    done = _work(copy_kit(tmp_path), variables)
    assert done.stderr.strip() == (
        "there is no module to run: give one, such as python -m service.kit.work shop.mail"
    )


def test_a_beat_renews_the_file_that_the_health_check_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heartbeat"
    file.touch()
    os.utime(file, (0, 0))
    monkeypatch.setenv("HEARTBEAT_FILE", str(file))
    beat()
    assert file.stat().st_mtime > 0


def test_without_a_heartbeat_a_beat_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTBEAT_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    beat()
    assert list(tmp_path.iterdir()) == []
