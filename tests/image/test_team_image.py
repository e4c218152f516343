"""Test what a team's own files change in the image: system packages, its package's layout, private modes."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.image.machine import ROOT, Machine
from tests.service.installed import KIT_APP, copy_kit

IMAGE, PROXY = "localhost/flask-fargate-team:test", "localhost/flask-fargate-private-proxy:test"
SHOP = """
from pathlib import Path

import click
from flask import Flask


def create_app(config="production"):
    app = Flask(__name__)

    @app.cli.command("tell")
    def tell():
        click.echo(f"{config} {Path('migrations/env.py').read_text().strip()}")

    return app
"""
VARIABLES = {"ENVIRONMENT": "test", "VERSION": "1", "PROXY_HOPS": "1", "PROMETHEUS_TOKEN": "0123456789abcdef"}
SERVER = {
    "PORT": "8000",
    "GUNICORN_WORKERS": "1",
    "GUNICORN_THREADS": "2",
    "GUNICORN_TIMEOUT_S": "30",
    "GUNICORN_GRACEFUL_TIMEOUT_S": "5",
    "LAME_DUCK_S": "0",
}


def private(folder: Path) -> Path:
    """Take from everybody else what a clone under umask 077 takes."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


@pytest.fixture(scope="module")
def team(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build the image of a team that cloned under umask 077 and has a file that is no Python."""
    folder = tmp_path_factory.mktemp("team")
    service = copy_kit(folder, app=KIT_APP) / "service"
    (service / "app" / "__init__.py").write_text("from shop import create_app\n")
    for name, text in {"shop/__init__.py": SHOP, "migrations/env.py": "no Python at all\n"}.items():
        (service / "src" / name).parent.mkdir()
        (service / "src" / name).write_text(text)
    (service / "apt-packages.txt").write_text("# for the shop\nlibmagic1  # file types\nbuild: make\n")
    yield machine.build(private(service), IMAGE)
    machine.call("rmi", IMAGE, check=False)


def run(
    machine: Machine, image: str, *words: str, given: dict[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command as a task does: no root, a read-only root file system, /tmp as a volume."""
    variables = [f"--env={name}={value}" for name, value in (VARIABLES if given is None else given).items()]
    confined = ["--rm", "--interactive", "--read-only", "--network=none", "--cap-drop=ALL"]
    return subprocess.run(
        [machine.program, "run", *confined, *variables, image, *words],
        env=dict(machine.environment),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_private_clone_makes_an_image_that_its_user_can_run(machine: Machine, team: str) -> None:
    command = ["gunicorn", "--config", "python:service.gunicorn_conf", "--check-config"]
    done = run(machine, team, *command, given=VARIABLES | SERVER)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["nginx", "apache"])
def test_a_private_clone_makes_a_proxy_that_its_user_can_read(
    machine: Machine, kind: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "infra" / "task" / "proxies" / kind, tmp_path / "proxy")
    machine.build(private(tmp_path / "proxy"), PROXY)
    words = ["run", "--rm", "--network=none", "--entrypoint=cat", PROXY, "proxy/start"]
    assert machine.call(*words).stdout.startswith("#!/bin/sh")
    machine.call("rmi", PROXY)


def test_a_flask_command_finds_the_app_and_its_files(machine: Machine, team: str) -> None:
    done = run(machine, team, "flask", "tell")
    assert (done.returncode, done.stdout) == (0, "production no Python at all\n"), done.stderr


def test_a_flask_command_needs_no_setting_of_the_server_and_checks_the_others(
    machine: Machine, team: str
) -> None:
    done = run(machine, team, "flask", "tell", given={"ENVIRONMENT": "test", "PROXY_HOPS": "9"})
    assert done.returncode == 1
    assert "VERSION is not set" in done.stderr
    assert "PROXY_HOPS='9' (allowed: a whole number from 0 to 5)" in done.stderr
    assert "Traceback" not in done.stderr


def test_flask_shell_has_the_app_with_the_kit_and_writes_nothing(machine: Machine, team: str) -> None:
    done = run(machine, team, "flask", "shell", stdin="print('kit' in app.extensions)\n")
    assert done.returncode == 0, done.stderr
    assert "True" in done.stdout
    assert "Read-only" not in done.stderr


def test_the_development_server_is_refused(machine: Machine, team: str) -> None:
    done = run(machine, team, "flask", "run")
    assert done.returncode != 0
    assert "the development server is for ENVIRONMENT=local only" in done.stderr


def test_packages_of_the_system_are_there_and_those_of_the_build_are_not(machine: Machine, team: str) -> None:
    assert run(machine, team, "sh", "-c", "ls /usr/lib/*/libmagic.so.1").returncode == 0
    assert run(machine, team, "sh", "-c", "command -v make").returncode != 0
