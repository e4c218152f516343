"""A kit in a git repository of its own, with versions, and projects that copier makes of it."""

import os
from collections.abc import Iterator

import pytest

from tests.checkout import check_out
from tests.template.repository import Repository


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
    """Commit the files of this checkout to a repository as version 1.0.0, one for each file of tests."""
    repository = Repository(check_out(tmp_path_factory.mktemp("the kit")))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("The kit")
    repository.git("tag", "v1.0.0")
    return repository
