"""Git repositories of the tests, and what copier makes of one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import copier

from tests.checkout import ROOT, check_out


@dataclass(frozen=True)
class Repository:
    """A git repository that a test commits to."""

    folder: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def status(self) -> list[str]:
        return self.git("status", "--porcelain", "--untracked-files=all").splitlines()


def kit_in(folder: Path) -> Repository:
    """Commit the files of this checkout to a repository in `folder`, as version 1.0.0."""
    repository = Repository(check_out(folder))
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("The kit")
    repository.git("tag", "v1.0.0")
    # copier renders the name of each file in .git, too: a pack is a few files, as in a clone from GitHub.
    repository.git("gc", "--quiet")
    return repository


def project_from(kit: Repository, folder: Path, **answers: str) -> Path:
    """Make a project as `copier copy --defaults` does, with an answer for each question that is given."""
    copier.run_copy(str(kit.folder), folder, data=answers, defaults=True, quiet=True)
    return folder


def python(
    project: Path, *words: str, interpreter: str = sys.executable, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run this Python, or another, in a project, with the project's code and this checkout's packages."""
    path = f"{Path(sys.prefix) / 'bin'}:{ROOT / 'node_modules' / '.bin'}:{os.environ['PATH']}"
    ours = {"PATH": path, "PYTHONPATH": f"{project / 'service' / 'src'}:{project}", "CDK_VALIDATION": "false"}
    return subprocess.run(
        [interpreter, *words],
        cwd=project,
        env={**os.environ, **ours, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
