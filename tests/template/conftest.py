"""A kit in a git repository of its own, with versions, and projects that copier makes of it."""

import os
from collections.abc import Iterator

import pytest

from tests.template.repository import Repository, kit_in


@pytest.fixture(scope="module", autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings of this machine's user, of git and of copier, out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "A team")
            patch.setenv(f"GIT_{who}_EMAIL", "team@example.com")
        for name in [name for name in os.environ if name.startswith(("XDG_", "COPIER_"))]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a repository of the kit for each file of tests."""
    return kit_in(tmp_path_factory.mktemp("the kit"))
