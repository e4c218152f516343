"""A version that is new on main is tagged, with its part of the changelog; any other push tags nothing."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import ruamel.yaml

from tests.checkout import ROOT
from tests.template.repository import Repository

WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
CHANGELOG = """# Changelog

## [Unreleased]

Not yet.

## [1.1.0] - 2026-12-01

Rolled.

## [1.0.0] - 2026-11-29

The first.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Make a repository of version 1.1.0, where 1.0.0 is tagged, and a gh that writes down its arguments."""
    repository = Repository(tmp_path / "kit")
    repository.folder.mkdir()
    repository.git("init", "--quiet")
    (repository.folder / "CHANGELOG.md").write_text(CHANGELOG)
    (repository.folder / "pyproject.toml").write_text('[tool.flask-fargate]\nversion = "1.1.0"\n')
    repository.commit("1.1.0")
    repository.git("tag", "v1.0.0")
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text('#!/bin/sh\necho "$@" > called\n')
    gh.chmod(0o755)
    return repository


def release(repository: Repository) -> subprocess.CompletedProcess[str]:
    """Run the workflow's own script as GitHub would."""
    workflow = ruamel.yaml.YAML(typ="safe", pure=True).load(WORKFLOW.read_text())
    (script,) = (step["run"] for step in workflow["jobs"]["tag"]["steps"] if "run" in step)
    path = f"{repository.folder.parent / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=repository.folder,
        env={**os.environ, "PATH": path, "GITHUB_SHA": "abc123", "GH_TOKEN": "none"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_version_is_tagged_with_its_part_of_the_changelog(repository: Repository) -> None:
    done = release(repository)
    assert done.returncode == 0, done.stderr
    called = (repository.folder / "called").read_text()
    assert called == "release create v1.1.0 --target abc123 --title 1.1.0 --notes-file notes.md\n"
    assert (repository.folder / "notes.md").read_text().strip() == "Rolled."


def test_a_version_that_has_a_tag_is_left_alone(repository: Repository) -> None:
    repository.git("tag", "v1.1.0")
    done = release(repository)
    assert (done.returncode, done.stdout) == (0, "v1.1.0 is tagged already.\n")
    assert not (repository.folder / "called").exists()


def test_a_version_without_a_part_of_the_changelog_is_not_tagged(repository: Repository) -> None:
    (repository.folder / "CHANGELOG.md").write_text(CHANGELOG.replace("## [1.1.0]", "## [2.0.0]"))
    done = release(repository)
    assert done.returncode == 1
    assert "CHANGELOG.md has nothing under '## [1.1.0]'" in done.stderr
    assert not (repository.folder / "called").exists()


def test_the_changelog_says_for_each_version_what_running_stacks_see() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["flask-fargate"]["version"]
    _, _unreleased, *parts = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert parts[0].startswith(f"[{version}] - ")
    for part in parts:
        assert re.search(r"### Running stacks\n\n- \*\*(Replaced|Rolled|Changed in place|Nothing)", part), (
            part[:30]
        )
