"""Yours: let Schemathesis ask a real Gunicorn what the document of the API allows, and what it forbids."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.gunicorn_process import Server
from tests.wait import wait_for


@pytest.fixture(scope="module")
def server(started: Callable[..., Server]) -> Server:
    return started()


def run(server: Server, folder: Path, *arguments: str) -> str:
    command = shutil.which("schemathesis")  # of the kit's own environment, which `make` puts on the path
    assert command
    url = f"http://127.0.0.1:{server.port}/api/v1/openapi.json"
    done = subprocess.run(
        [command, "run", url, "--seed", "1", "--no-color", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_answer_conforms_and_none_is_a_server_error(
    server: Server, tmp_path: Path, report: list[str]
) -> None:
    # Leave out /delay, which waits up to 30 s, and /status, which answers with the errors it is asked for.
    said = run(server, tmp_path, "--max-examples", "15", "--exclude-path-regex", "/(delay|status)/")
    assert "Tested: 7" in said
    asked = wait_for(lambda: server.lines_with(logger="service.access"), "access lines")
    assert len(asked) > 100
    errors = [line for line in asked if line["status"] >= 500 and "/status/" not in line["path"]]
    assert errors == []
    report.append(f"schemathesis: requests tried: {len(asked)}, answered 5xx: {len(errors)}")


def test_an_error_that_is_asked_for_conforms_too(server: Server, tmp_path: Path) -> None:
    wrong_here = "not_a_server_error,positive_data_acceptance"
    arguments = ["--include-path-regex", "/status/", "--exclude-checks", wrong_here]
    assert "Tested: 1" in run(server, tmp_path, "--max-examples", "15", *arguments)
