"""Take apps into projects of the kit by the commands of a person, and count them; no network is needed."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.local_cloud.browser import Browser, find_chromium
from tests.template.repository import Repository, kit_in, project_from
from tests.wait import wait_for
from tools.local_cloud import running
from tools.local_cloud.state import State

PACKAGES = ROOT / ".local" / "journeys"
# The set-up of this checkout is good for a project, but for the app's own packages.
_SHARED = ("emulator", "checkov", "preflight")
_MADE = (
    ".venv/.installed",
    "node_modules/.package-lock.json",
    *(f".local/{each}/.installed" for each in _SHARED),
)
_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{
        f"GIT_{who}_{what}": "team@example.com"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}


@dataclass
class Journey:
    """A project, the commands that were given in it, and the files that were written by hand."""

    repository: Repository
    commands: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Return the project's folder."""
        return self.repository.folder

    def make(self, *words: str) -> str:
        """Run a target that must end well; return what it prints."""
        self.commands.append(f"make {' '.join(words)}")
        # Without the autoscaler of `make up`: on a busy machine it would add tasks that no test expects.
        return self.run("make", *(f"--assume-old={each}" for each in _MADE), "SPEED=0", *words)

    def run(self, *words: str) -> str:
        """Run a command that must end well, with no more of this test run than a person's shell has."""
        unknown = ("CDK_", "PYTEST_", "MAKE", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(unknown)}
        # The cache has the versions that are locked here, however new they are.
        environment |= {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(PACKAGES / "cache")}
        environment |= {"UV_EXCLUDE_NEWER": "2099-01-01"}
        environment |= {"MYPY_CACHE_DIR": str(self.repository.folder / ".local" / "types")}
        done = subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
        return done.stdout + done.stderr

    def write(self, name: str, text: str) -> None:
        """Write a file by hand."""
        self.written.append(name)
        (self.folder / name).write_text(text)

    @property
    def url(self) -> str:
        """Return the address that `make up` has printed."""
        return f"http://127.0.0.1:{running.required(State(self.folder / '.local')).front_port}"

    @property
    def tasks(self) -> set[str]:
        """Return the ids of the tasks that serve."""
        tasks = running.tasks(State(self.folder / ".local"))
        return {str(task["id"]) for task in tasks if task["status"] == "RUNNING"}


def a_project(repository: Repository) -> Journey:
    """Give a project the set-up of this checkout, and make it a repository of a team."""
    for name in (".venv", "node_modules"):
        (repository.folder / name).symlink_to(ROOT / name)
    (repository.folder / ".local").mkdir()
    for name in _SHARED:
        (repository.folder / ".local" / name).symlink_to(ROOT / ".local" / name)
    # The kit's files are the same in every project: where `make lint` has checked their types, that counts.
    if (checked := ROOT / ".mypy_cache").is_dir():
        shutil.copytree(checked, repository.folder / ".local" / "types")
    repository.git("init", "--quiet", "--initial-branch=main")
    (repository.folder / ".git" / "info" / "exclude").write_text(".venv\nnode_modules\n.local\n")
    repository.commit("From flask-fargate")
    return Journey(repository)


def source_of(name: str, folder: Path) -> Path:
    """Unpack the source of a package as its authors have published it."""
    found = list((PACKAGES / "apps").glob(f"{name}-*.tar.gz"))
    assert len(found) == 1, f"{PACKAGES}/apps has not one source of {name}: run `make {PACKAGES}/.installed`"
    with tarfile.open(found[0]) as archive:
        # File by file: the safe way to unpack a whole archive is missing in Python before 3.11.4.
        for each in archive.getmembers():
            if each.isfile() and (content := archive.extractfile(each)):
                path = folder / each.name
                assert path.resolve().is_relative_to(folder.resolve())
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    return folder / found[0].name.removesuffix(".tar.gz")


@pytest.fixture(scope="module", autouse=True)
def _git() -> Iterator[None]:
    """Keep the settings of this machine's user, of git and of copier, out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**_GIT, "PYTHONDONTWRITEBYTECODE": "1"}.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a repository of the kit for each file of tests."""
    return kit_in(tmp_path_factory.mktemp("the kit"))


@contextmanager
def made_project(kit: Repository, folder: Path) -> Iterator[Journey]:
    """Make a project from the template, in a folder with a blank; remove its local cloud at the end."""
    journey = a_project(Repository(project_from(kit, folder / "our project")))
    try:
        yield journey
    finally:
        said = journey.make("down")
    assert "Nothing is left." in said or "Nothing was running." in said


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a Chromium for the tests of a file."""
    with Browser(find_chromium(), tmp_path_factory.mktemp("profile")) as browser:
        browser.answer_for_other_hosts()
        yield browser


@pytest.fixture(scope="module")
def look(browser: Browser) -> Callable[[str], str]:
    """Return a function that opens a page and returns its text, when all that it loads is there."""

    def open_page(url: str) -> str:
        browser.errors.clear()
        browser.open(url)
        wait_for(lambda: browser.evaluate("document.readyState") == "complete", f"{url} in the browser")
        return str(browser.evaluate("document.body.innerText"))

    return open_page


def kits_files(journey: Journey) -> list[str]:
    """Return the files of the kit that differ from the project's first commit."""
    journey.repository.git("add", "--all")  # new files count too
    first = journey.repository.git("rev-list", "--max-parents=0", "HEAD").strip()
    changed = journey.repository.git("diff", "--name-only", "-z", "--no-renames", first).split("\0")
    return [path for path in changed if path and not path.startswith(ROOMS)]


# The rows of the README's table, and what `make adopt` and `make lock` write.
ROOMS = (
    ".adopted.json",
    "infra/environments.py",
    "infra/additions.py",
    "infra/accepted.py",
    "infra/recipes/",
    "service/app/",
    "service/src/",
    "service/requirements.in",
    "service/requirements",
    "service/apt-packages.txt",
    "tests/app/",
    "README.md",
)
