"""Test that no file of the kit starts the development server, and that Gunicorn's master imports no app."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.installed import SERVICE, TEAMS

FILES = [
    path
    for path in SERVICE.rglob("*")
    if path.is_file() and path.suffix != ".pyc" and path.relative_to(SERVICE).parts[0] not in TEAMS
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SERVICE)))
def test_no_file_starts_the_development_server(path: Path) -> None:
    assert not re.search(
        r"app\.run\(|flask run|werkzeug\.serving|run_simple|FLASK_(DEBUG|ENV)", path.read_text()
    )


def test_the_master_imports_no_module_of_the_app(variables: dict[str, str], checkout: Path) -> None:
    code = (
        "import service.gunicorn_conf, sys; print(*(m for m in sys.modules if m.startswith('service.app')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, env=variables, capture_output=True, check=True
    )
    assert done.stdout.decode().split() == []
