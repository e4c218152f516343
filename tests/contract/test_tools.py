"""Test the commands of developers on the templates of the kit's test environments."""

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.parameters import Environment
from tests.environments import ENVIRONMENTS
from tests.service.gunicorn_process import free_port
from tools import run, summary
from tools.assembly import Template, templates, web_container
from tools.environments import UnknownEnvironmentError


def find(name: str) -> Environment:
    """Find one of the kit's test environments, as `make run` finds one of the team's."""
    for environment in ENVIRONMENTS:
        if environment.name == name:
            return environment
    raise UnknownEnvironmentError(f"there is no environment '{name}': choose one of dev or prod")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, made: dict[str, Template]) -> list[Any]:
    """Return a list that collects what `make run` would start, none of which is started."""
    calls: list[Any] = []
    monkeypatch.setattr(run, "find", find)
    monkeypatch.setattr(run, "templates", lambda: made)
    monkeypatch.setattr(run, "_run", lambda *containers, **where: calls.append((*containers, where["port"])))
    return calls


def run_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["make run", *arguments])
    run.main()


def test_run_starts_both_containers_of_the_task_definition(
    monkeypatch: pytest.MonkeyPatch, made: dict[str, Template], started: list[Any]
) -> None:
    port = free_port()
    with pytest.raises(SystemExit):
        run_with(monkeypatch, "prod", "--port", str(port))
    ((web, proxy, chosen),) = started
    assert web == web_container(made["prod"])
    assert (proxy["Name"], chosen) == ("proxy", port)


def test_run_says_which_environments_there_are(monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    with pytest.raises(
        SystemExit, match="make run: there is no environment 'live': choose one of dev or prod"
    ):
        run_with(monkeypatch, "live")
    assert not started


def test_run_says_which_port_is_taken(monkeypatch: pytest.MonkeyPatch, started: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit, match=f"port {port} is taken; try: make run PORT={port + 1}"):
            run_with(monkeypatch, "dev", "--port", str(port))
    assert not started


def test_without_a_synth_the_commands_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="run `make synth` first"):
        templates(tmp_path)


def test_the_summary_says_what_a_reviewer_asks_first(made: dict[str, Template]) -> None:
    assert summary.facts(made["prod"]) | {"resources": "-"} == {
        "URL": "https://www.example.com",
        "tasks": "2-10",
        "size": "0.5 vCPU, 1024 MiB, ARM64",
        "capacity": "Fargate 2, Spot above",
        "egress": "NAT gateways: 2",
        "resources": "-",
    }


def test_the_summary_says_that_dev_is_cheap_and_has_no_tls(made: dict[str, Template]) -> None:
    facts = summary.facts(made["dev"])
    assert facts["URL"] == "http://<load balancer> (no TLS)"
    assert (facts["capacity"], facts["egress"]) == ("Spot", "public IPs")


def test_the_summary_counts_every_resource(template: Template) -> None:
    assert sum(summary.kinds(template).values()) == len(template["Resources"])
