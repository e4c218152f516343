"""Test the preflight command where it cannot do its work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.preflight.__main__ import main
from tools.preflight.engine import CannotRunError, Engine

ROOT = Path(__file__).resolve().parents[2]


def test_it_says_what_it_is_for() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.preflight", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Exit codes: 0" in done.stdout


def test_without_an_engine_it_says_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotRunError, match="docker is not installed; podman is not installed"):
        Engine.find()


def test_an_engine_that_does_not_answer_is_told_with_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2; exit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    with pytest.raises(CannotRunError, match="docker does not answer: Cannot connect to the Docker daemon"):
        Engine.find("docker")


def test_an_unknown_environment_is_exit_code_2_and_names_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["web:1", "--environment", "live"]) == 2
    assert "there is no environment 'live': choose one of dev, staging, prod" in capsys.readouterr().err


def test_a_variable_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["web:1", "--variable", "SECRET_KEY"])
    assert ended.value.code == 2
    assert "'SECRET_KEY' is not NAME=VALUE" in capsys.readouterr().err


def test_without_a_synth_it_could_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["web:1", "--assembly", str(tmp_path)]) == 2
    assert "there is no synth" in capsys.readouterr().err
