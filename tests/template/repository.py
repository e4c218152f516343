"""Git repositories of the tests, and what copier makes of one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import copier

from tests.checkout import ROOT


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
