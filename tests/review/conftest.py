"""Make a repository with a commit for each seeded change, and review each with the real command once."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.review.seeds import BASES, SEEDS
from workshop.review_page import git, repository

BIN = Path(sys.prefix) / "bin"
DEAD = "http://127.0.0.1:9"


class Answer(NamedTuple):
    """A command's exit code, output and report."""

    code: int
    stderr: str
    report: str
    json: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, str]:
        return {each["name"]: each["verdict"] for each in self.json["environments"]}

    def environment(self, name: str) -> dict[str, Any]:
        return next(each for each in self.json["environments"] if each["name"] == name)

    def said_of(self, name: str) -> str:
        """Return every reason for an environment's verdict, one in each line."""
        return "\n".join(f"{each['level']}: {each['text']}" for each in self.environment(name)["reasons"])


@cache
def without_network() -> tuple[str, ...]:
    """Return a prefix that takes the network away from a command, or nothing where the system forbids it."""
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return (unshare, "-rn")
    return ()


def tag(name: str) -> str:
    """Return the tag of a seed: its name without the characters that git refuses."""
    return name.replace(" ", "-").replace(",", "")


def commit(project: Path, *, tag: str) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", tag)
    git(project, "tag", tag)


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the command's environment: no AWS variable, an empty HOME, and proxies that nobody answers."""
    return {
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("home")),
        # Else each synth unpacks the CDK for itself, which takes seconds.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache/aws/jsii/package-cache"),
        "HTTP_PROXY": DEAD,
        "HTTPS_PROXY": DEAD,
        "ALL_PROXY": DEAD,
        # CDK's built-in validation takes seconds for each synth, and the seeded faults are found without it.
        "CDK_VALIDATION": "false",
    }


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy this repository's files to a new one, with a tag for the base and for each seeded commit."""
    project = tmp_path_factory.mktemp("project")
    repository(project)
    git(project, "tag", "base")
    for name, edit in BASES.items():
        git(project, "checkout", "--quiet", "--detach", "base")
        edit.apply(project)
        commit(project, tag=name)
    for name, seed in SEEDS.items():
        git(project, "checkout", "--quiet", seed.base)
        for edit in seed.edits:
            edit.apply(project)
        commit(project, tag=tag(name))
    git(project, "checkout", "--quiet", "main")
    return project


@pytest.fixture(scope="session")
def review(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Answer]:
    """Return a function that runs the command in a repository."""

    def run(project: Path, *arguments: str, **environment: str) -> Answer:
        out = tmp_path_factory.mktemp("report")
        report, machine = out / "review.md", out / "review.json"
        command = (*without_network(), sys.executable, "-m", "tools.review", *arguments)
        ended = subprocess.run(
            [*command, "--out", str(report), "--json", str(machine)],
            cwd=project,
            env={**offline, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(
            code=ended.returncode,
            stderr=ended.stderr,
            report=report.read_text() if report.exists() else "",
            json=json.loads(machine.read_text()) if machine.exists() else {},
        )

    return run


@pytest.fixture(scope="session")
def answers(project: Path, review: Callable[..., Answer]) -> Iterator[dict[str, "Future[Answer]"]]:
    """Start the review of each seeded commit, two at a time; each test waits for the ones it reads."""

    def of(name: str) -> Answer:
        return review(project, "--base", SEEDS[name].base, "--head", tag(name))

    pool = ThreadPoolExecutor(2)
    yield {name: pool.submit(of, name) for name in SEEDS}
    pool.shutdown(cancel_futures=True)


@pytest.fixture
def seeded(answers: dict[str, "Future[Answer]"]) -> Callable[[str], Answer]:
    """Return a function that gives the review of a seeded change."""
    return lambda name: answers[name].result()
