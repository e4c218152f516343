"""Test that a team's own lock is taken as it is, whichever tool made it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.locks.conftest import Team, team_in
from tests.locks.foreign import LOCKS, MARKERS, VERSIONS
from tools.locks.errors import LockError


@pytest.fixture(params=LOCKS, scope="module")
def locked(request: pytest.FixtureRequest, index: Path, tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Lock with each tool's lock in turn."""
    team = team_in(tmp_path_factory.mktemp("locked"), index)
    LOCKS[request.param](team)
    team.lock()
    return team


def test_every_version_is_that_of_the_lock(locked: Team) -> None:
    chosen = {name: version.partition(" ")[0] for name, version in locked.pins.items()}
    assert {name: chosen.get(name) for name in VERSIONS} == VERSIONS
    assert "taxes==3.0" in locked.text


def test_its_markers_survive(locked: Team) -> None:
    assert locked.pins["colorama"].endswith("; sys_platform == 'win32'")


def test_every_hash_is_that_of_the_lock(locked: Team) -> None:
    for name, version in VERSIONS.items():
        assert locked.hashes(name) == {locked.hash(name, version)}


def test_what_is_for_development_stays_out(locked: Team) -> None:
    assert "pytest" not in locked.pins


def test_the_kits_packages_come_along(locked: Team) -> None:
    assert {"gunicorn", "flask-limiter"} <= locked.pins.keys()


def test_pip_and_uv_find_it_complete(locked: Team) -> None:
    """Ask both, which we did not write; pip reads markers for its own Python alone."""
    lock, python = str(locked.service / "requirements.txt"), sys.executable
    dry = ["install", "--dry-run", "--quiet", "--require-hashes", "-r", lock]
    oldest = re.findall(r"^# For Python 3\.(\d+) and newer", locked.text, re.MULTILINE)[0]
    judges = [["uv", "pip", *dry, "--python", python, "--python-version", f"3.{oldest}"]]
    if int(oldest) <= sys.version_info.minor:
        judges.append([python, "-m", "pip", *dry, "--ignore-installed"])
    for judge in judges:
        done = subprocess.run(judge, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_second_lock_changes_nothing(locked: Team) -> None:
    before = locked.text
    locked.lock()
    assert locked.text == before


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock of 2.0", "hashed requirements"])
def test_a_package_in_two_versions_keeps_both(team: Team, name: str) -> None:
    LOCKS[name](team)
    team.lock()
    assert "taxes==2.5 ; python_full_version < '3.12'" in team.text
    assert "taxes==3.0 ; python_full_version >= '3.12'" in team.text
    assert ("taxes", "2.5") in MARKERS


# uv's lock has no hashes of an index that is a folder, as here.
@pytest.mark.parametrize("name", ["poetry.lock of 2.0", "Pipfile.lock", "hashed requirements"])
def test_a_hash_that_the_index_does_not_have_is_refused(team: Team, name: str) -> None:
    LOCKS[name](team)
    for path in team.service.iterdir():
        if path.suffix in {".lock", ".in", ".txt"}:
            path.write_text(path.read_text().replace(team.hash("orders", "2.0"), f"sha256:{'0' * 64}"))
    with pytest.raises(LockError, match=r"orders 2.0 has other files in the package index than in your lock"):
        team.lock()
