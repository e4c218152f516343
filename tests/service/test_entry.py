"""Test that an app keeps its own entry: one line in service/app names it, whatever form it has."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.installed import KIT_APP, copy_kit

SHOP = """
from flask import Flask

app = application = Flask("shop")
wrapped = type("Middleware", (), {"__call__": lambda self, environ, start: []})()

def create_app(config_name="production"):
    made = Flask("shop")
    made.config["GIVEN"] = config_name
    return made

def create_for(config_name, *, debug):
    return create_app(f"{config_name} {debug}")

def create_none():
    return None
"""
TELL = "import service; app = service.create_app(); print(app.config.get('GIVEN'), 'kit' in app.extensions)"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, door = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("door")
    (door / "__init__.py").touch()
    (door / "settings.py").write_bytes((KIT_APP / "settings.py").read_bytes())
    copy_kit(folder, app=door)
    (folder / "service" / "src" / "shop.py").write_text(SHOP)
    return folder


def started(
    repository: Path, variables: dict[str, str], entry: str, *command: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of an app whose entry is `entry`, in the folder that the image works in."""
    (repository / "service" / "app" / "__init__.py").write_text(f"{entry}\n")
    return subprocess.run(
        [sys.executable, *(command or ("-c", TELL))],
        cwd=repository / "service" / "src",
        env={
            **variables,
            "PYTHONPATH": str(repository),
            "PYTHONDONTWRITEBYTECODE": "1",
            "FLASK_APP": "service",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("entry", "given"),
    [
        ("from shop import create_app", "production"),
        ("from shop import app", "None"),
        ("from shop import application", "None"),
        ("from shop import app as application", "None"),
        ("import shop\ndef create_app(): return shop.create_app('none')", "none"),
        ("import shop\ndef create_app(settings): return shop.create_app(settings.environment)", "test"),
        ("import shop\ndef create_app(settings): return shop.create_for('a', debug=False)", "a False"),
        (
            "from functools import partial\nimport shop\ncreate_app = partial(shop.create_for, 'b', debug=1)",
            "b 1",
        ),
    ],
)
def test_an_entry_in_any_form_gets_the_kit(
    repository: Path, variables: dict[str, str], entry: str, given: str
) -> None:
    done = started(repository, variables, entry)
    assert done.stdout == f"{given} True\n", done.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("", "it has neither `create_app` nor `app` nor `application`"),
        ("from shop import create_for as create_app", "its create_app needs config_name, debug"),
        ("from shop import wrapped as app", "it gives shop.Middleware, which is no Flask app"),
        ("from shop import create_none as create_app", "it gives builtins.NoneType, which is no Flask app"),
    ],
)
def test_an_entry_without_an_app_ends_the_start_with_one_line(
    repository: Path, variables: dict[str, str], entry: str, said: str
) -> None:
    done = started(repository, variables, entry)
    assert done.returncode == 3  # Gunicorn starts no other worker after it
    assert done.stderr.count("\n") == 1
    assert f"service cannot start: service/app/__init__.py is the app's entry, and {said}" in done.stderr


def test_flask_finds_the_app_without_being_told(repository: Path, variables: dict[str, str]) -> None:
    done = started(repository, variables, "from shop import create_app", "-m", "flask", "routes")
    assert done.returncode == 0, done.stderr
    assert "/static/<path:filename>" in done.stdout
