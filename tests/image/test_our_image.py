"""Test the service's image and proxies as tasks of dev (nginx), prod (nginx, TLS) and prod with Apache."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.image.conftest import GOOD
from tests.image.machine import ROOT, Machine
from tests.image.runs import Run
from tests.wait import wait_for

CHECKS = [
    "architecture",
    "image user",
    "exec form",
    "server",
    "debug mode",
    "secrets",
    "build tools",
    "volumes",
    "size",
    "healthy",
    "health check",
    "runs as",
    "capabilities",
    "root file system",
    "writable",
    "answers",
    "served by",
    "debugger",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "memory",
    "health under load",
    "no errors under load",
    "killed worker",
    "requests in flight",
    "exit code",
    "stop timeout",
    "writes",
]


@pytest.mark.parametrize("environment", GOOD)
@pytest.mark.parametrize("check", CHECKS)
def test_passes(runs: dict[str, Run], environment: str, check: str) -> None:
    run = runs[environment]
    assert run.checks.get(check), run.out


@pytest.mark.parametrize("environment", GOOD)
def test_nothing_else_was_checked_and_the_exit_code_says_so(runs: dict[str, Run], environment: str) -> None:
    assert sorted(runs[environment].checks) == sorted(CHECKS)
    assert runs[environment].code == 0


def test_the_log_names_the_client_behind_every_proxy(runs: dict[str, Run]) -> None:
    assert {runs[name].found("X-Forwarded-For") for name in GOOD} == {"the log names the client"}


def test_what_is_in_flight_at_sigterm_is_really_in_flight(runs: dict[str, Run]) -> None:
    for name in GOOD:
        found = runs[name].found("requests in flight")
        assert "none lost of" in found
        assert ", 0 of them" not in found


def test_memory_and_times_are_told(runs: dict[str, Run]) -> None:
    for name in GOOD:
        measured = runs[name].report["measured"]
        assert 0 < measured["worker_idle_mib"] <= measured["worker_saturated_mib"] < measured["saturated_mib"]
        assert measured["saturated_mib"] < measured["task_mib"]
        assert measured["compressed_mb"] > 0
        assert measured["start_s"] > 0
        assert f"saturated {measured['saturated_mib']}" in runs[name].out


def test_the_image_says_itself_when_it_is_healthy(machine: Machine, images: dict[str, str]) -> None:
    """Test the Dockerfile's HEALTHCHECK, which ECS ignores and `docker run` obeys."""
    name = "preflight-healthcheck"
    variables = {
        "ENVIRONMENT": "test",
        "VERSION": "1",
        "PORT": "8000",
        "PROXY_HOPS": "1",
        "GUNICORN_WORKERS": "1",
        "GUNICORN_THREADS": "2",
        "GUNICORN_TIMEOUT_S": "30",
        "GUNICORN_GRACEFUL_TIMEOUT_S": "5",
        "LAME_DUCK_S": "0",
    }
    given = [f"--env={key}={value}" for key, value in variables.items()]
    inspected = json.loads(machine.call("image", "inspect", images["web"]).stdout)[0]
    check = (inspected.get("Healthcheck") or inspected["Config"]["Healthcheck"])["Test"]  # podman's, Docker's
    assert check[0] == "CMD"
    machine.call("run", "--detach", "--name", name, "--network=none", *given, images["web"])
    try:
        wait_for(
            lambda: machine.call("exec", name, *check[1:], check=False).returncode == 0, "a healthy container"
        )
    finally:
        machine.call("rm", "--force", "--volumes", name)


def test_nothing_is_left_behind(runs: dict[str, Run], containers: Callable[[], set[str]]) -> None:
    assert runs
    assert containers() == set()


def test_its_packages_are_listed_with_their_versions(runs: dict[str, Run], sbom: Path) -> None:
    assert runs["dev"].code == 0
    listed = {
        package["name"].lower(): package.get("versionInfo")
        for package in json.loads(sbom.read_text())["packages"]
    }
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / "service/requirements.txt").read_text(), re.MULTILINE)
    )
    assert {"flask", "gunicorn", "pydantic"} <= locked.keys()
    assert {name: listed.get(name) for name in ("flask", "gunicorn", "pydantic")}.items() <= locked.items()
    assert "openssl" in " ".join(listed)
