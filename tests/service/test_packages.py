"""Test that packages of the team keep their names, also one called `app` beside the repository's app.py."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.gunicorn_process import COMMAND, Server
from tests.service.installed import KIT_APP, copy_kit

PACKAGE = """
from flask import Blueprint, Flask

bp = Blueprint("health", __name__)

@bp.get("/")
def index():
    return "from the team's package"

def create_app():
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app
"""
DOOR = """
import app

def create_app(settings):
    return app.create_app()
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with an app.py, and with a package `app` of the team that has its own factory."""
    folder, door = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("door")
    (door / "__init__.py").write_text(DOOR)
    (door / "settings.py").write_bytes((KIT_APP / "settings.py").read_bytes())
    copy_kit(folder, app=door)
    (folder / "app.py").write_text("raise RuntimeError('the wrong app was imported')")
    (folder / "service" / "src" / "app").mkdir()
    (folder / "service" / "src" / "app" / "__init__.py").write_text(PACKAGE)
    return folder


def test_gunicorn_serves_a_package_called_app(repository: Path, started: Callable[..., Server]) -> None:
    server = started(checkout=repository, GUNICORN_WORKERS="1")
    assert server.get("/")[1] == b"from the team's package"
    assert server.get("/readyz")[0].status == 200


@pytest.mark.parametrize(
    "command",
    [
        [*COMMAND, "--check-config"],
        [Path(sys.prefix, "bin", "gunicorn"), *COMMAND[3:], "--check-config"],
        [sys.executable, "-m", "flask", "--app", "service", "routes"],
        [Path(sys.prefix, "bin", "flask"), "--app", "service", "routes"],
        [sys.executable, "-c", "import service, app; app.create_app"],
    ],
    ids=["python -m gunicorn", "gunicorn", "python -m flask", "flask", "python -c"],
)
@pytest.mark.parametrize("path", [None, "."], ids=["no PYTHONPATH", "PYTHONPATH=."])
def test_each_command_finds_the_package_before_app_py(
    repository: Path, variables: dict[str, str], command: list[str], path: str | None
) -> None:
    environment = variables | ({"PYTHONPATH": path} if path else {})
    done = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
