"""A project of the kit and repositories of strangers, small ones, in folders whose names have a blank."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.service.installed import copy_kit

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with the kit's service, the tests' environments, and a sample in the team's rooms."""
    root = tmp_path / "our project"
    copy_kit(root)
    (root / "infra").mkdir()
    shutil.copy(ROOT / "tests" / "environments.py", root / "infra" / "environments.py")
    shutil.copy(ROOT / "pyproject.toml", root)
    tests = root / "tests" / "app"
    tests.mkdir(parents=True)
    (tests / "test_page.py").write_text("def test_the_sample() -> None: ...\n")
    return root


@pytest.fixture
def repository(tmp_path: Path) -> Write:
    """Return a function that writes files into the repository of a stranger, and returns its folder."""
    folder = tmp_path / "their repo"
    folder.mkdir()

    def write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return write
