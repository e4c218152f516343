"""`make update` takes the kit's next version, keeps what is the team's, and shows what both changed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.template.repository import Repository, project_from, python

TEAMS = {
    "README.md": "# Orders\n",
    "infra/accepted.py": """
from infra.policy import Accepted

ACCEPTED: tuple[Accepted, ...] = ()
""",
    "infra/additions.py": """
from aws_cdk import aws_sns as sns

from infra.stack import WebStack


def add(stack: WebStack) -> None:
    sns.Topic(stack, "Orders", enforce_ssl=True)
""",
    "infra/recipes/ours.py": "OURS = True\n",
    "service/app/settings.py": """
from service.kit import Settings as KitSettings


class Settings(KitSettings):
    greeting: str = "hello"
""",
    "service/app/__init__.py": """
from flask import Flask

from service.app.settings import Settings


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: settings.greeting)
    return app
""",
    "service/src/orders/__init__.py": "OURS = True\n",
    "tests/app/test_orders.py": """
import orders
from service import create_app
from service.app.settings import Settings


def test_orders() -> None:
    app = create_app(Settings(environment="test", version="1", proxy_hops=0, greeting="orders"))
    assert orders.OURS
    assert app.test_client().get("/").text == "orders"
""",
}
SAMPLE = (
    "service/app/api.py",
    "service/app/page.py",
    "service/app/templates/which_task.html",
    "tests/app/test_api.py",
    "tests/app/test_page.py",
    "tests/app/test_task.py",
)
ENVIRONMENTS = Path("infra/environments.py")
EU_TEST = """
EU_TEST = Environment(
    name="eu-test",
    region="eu-central-1",
    availability_zones=("eu-central-1a", "eu-central-1b"),
    removal="destroy",
)
ENVIRONMENTS = (*ENVIRONMENTS, EU_TEST)
"""
ALL_BUT_THE_LOCK = ("tests", "--deselect", "tests/project/test_locks.py")
CHANGED, REMOVED, ADDED = "infra/log_groups.py", "tools/log_lines.py", "tools/next.py"


@pytest.fixture(scope="module")
def made(kit: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Make a project of version 1.0.0 and let a team move in."""
    project = Repository(project_from(kit, tmp_path_factory.mktemp("a team") / "my service"))
    project.git("init", "--quiet", "--initial-branch=main")
    project.commit("From the kit")
    for path, text in TEAMS.items():
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_text(text)
    for path in SAMPLE:
        (project.folder / path).unlink()
    file = project.folder / ENVIRONMENTS
    text = file.read_text().replace("max=10", "max=20").replace("log_days=90", "log_days=30")
    file.write_text(text + EU_TEST)
    requirements = project.folder / "service/requirements.in"
    requirements.write_text(requirements.read_text() + "requests==2.*  # ours\n")
    project.commit("We move in")
    return project


@pytest.fixture(scope="module")
def next_version(kit: Repository, made: Repository) -> Repository:
    """Release version 1.1.0: the kit's files and its samples of the team's change, one goes, one comes."""
    del made  # comes first, from version 1.0.0
    for path in (CHANGED, "infra/environments.py.jinja", "infra/additions.py", "service/app/__init__.py"):
        file = kit.folder / path
        file.write_text(file.read_text() + "# Version 1.1.0.\n")
    for name in ("requirements.in", "requirements-kit.in"):
        requirements = kit.folder / "service" / name
        requirements.write_text("# Version 1.1.0.\n" + requirements.read_text())
    (kit.folder / REMOVED).unlink()
    (kit.folder / ADDED).write_text('"""Version 1.1.0."""\n')
    kit.commit("The next version")
    kit.git("tag", "v1.1.0")
    return kit


@pytest.fixture
def project(made: Repository, tmp_path: Path) -> Repository:
    """Copy the project, as its team has it."""
    return Repository(Path(shutil.copytree(made.folder, tmp_path / "my service")))


def update(project: Repository, **variables: str) -> subprocess.CompletedProcess[str]:
    return python(project.folder, "-m", "tools.update", **variables)


@pytest.fixture(scope="module")
def updated(
    made: Repository, next_version: Repository, tmp_path_factory: pytest.TempPathFactory
) -> Repository:
    """Update the project, which edited no file of the kit."""
    del next_version
    project = Repository(
        Path(shutil.copytree(made.folder, tmp_path_factory.mktemp("updated") / "my service"))
    )
    done = update(project)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "The kit is at 1.1.0: 5 files changed, 1 of them gone." in done.stdout
    return project


def test_the_teams_files_are_as_they_were(made: Repository, updated: Repository) -> None:
    for path in [*TEAMS, str(ENVIRONMENTS)]:
        assert (updated.folder / path).read_bytes() == (made.folder / path).read_bytes(), path


def test_what_the_team_deleted_of_the_sample_app_stays_away(updated: Repository) -> None:
    assert not [path for path in SAMPLE if (updated.folder / path).exists()]


def test_the_kits_files_are_the_next_versions(updated: Repository, next_version: Repository) -> None:
    for path in (CHANGED, ADDED):
        assert (updated.folder / path).read_text() == (next_version.folder / path).read_text()
    assert not (updated.folder / REMOVED).exists()


def test_nothing_but_the_kits_changes_is_changed(updated: Repository) -> None:
    assert {line[3:] for line in updated.status()} == {
        ".copier-answers.yml",
        CHANGED,
        ADDED,
        REMOVED,
        "service/requirements-kit.in",
    }
    assert "_commit: v1.1.0\n" in (updated.folder / ".copier-answers.yml").read_text()


def test_requirements_are_the_teams_and_the_kits_apart(updated: Repository) -> None:
    text = (updated.folder / "service/requirements.in").read_text()
    assert "Version 1.1.0" not in text
    assert text.endswith("requests==2.*  # ours\n")
    assert (updated.folder / "service/requirements-kit.in").read_text().startswith("# Version 1.1.0.\n")


def test_a_lock_that_the_update_made_old_is_told(updated: Repository) -> None:
    done = python(updated.folder, "-m", "pytest", "-q", "tests/project/test_locks.py")
    assert done.returncode == 1
    assert "requirements-kit.in, requirements.in now: run `make lock`" in done.stdout


def test_the_updated_project_synthesises(updated: Repository, tmp_path: Path) -> None:
    done = python(updated.folder, "app.py", CDK_OUTDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "Web-eu-test.template.json").exists()


def test_the_updated_projects_tests_pass(updated: Repository) -> None:
    done = python(updated.folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ALL_BUT_THE_LOCK)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_second_update_finds_nothing_newer(updated: Repository, tmp_path: Path) -> None:
    again = Repository(Path(shutil.copytree(updated.folder, tmp_path / "again")))
    again.commit("Version 1.1.0")
    done = update(again)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1.1.0 is the kit's newest version: nothing to update." in done.stdout
    assert again.status() == []


def test_what_team_and_kit_both_changed_is_a_conflict(project: Repository, next_version: Repository) -> None:
    del next_version
    edited = project.folder / CHANGED
    edited.write_text(edited.read_text() + "# Our own.\n")
    (project.folder / REMOVED).write_text("# Our own.\n")
    project.commit("We edit the kit")
    done = update(project)
    assert done.returncode == 1
    assert f"You and the kit both changed {CHANGED}: choose between the lines at <<<<<<<" in done.stderr
    assert f"You had edited {REMOVED}, which the kit no longer has: `git show HEAD:{REMOVED}`" in done.stderr
    assert f"UU {CHANGED}" in project.status()
    marked = edited.read_text()
    assert marked.index("<<<<<<<") < marked.index("# Our own.") < marked.index("# Version 1.1.0.")


def test_uncommitted_changes_are_not_mixed_with_the_update(project: Repository) -> None:
    (project.folder / "README.md").write_text("# Not committed\n")
    done = update(project)
    assert done.returncode == 1
    assert "uncommitted changes (1, such as README.md)" in done.stderr
    assert "commit or stash them" in done.stderr


def test_a_folder_without_git_is_told_what_to_do(project: Repository) -> None:
    shutil.rmtree(project.folder / ".git")
    done = update(project, GIT_CEILING_DIRECTORIES=str(project.folder.parent))
    assert done.returncode == 1
    assert "not a git checkout" in done.stderr
    assert "`git init && git add . && git commit`" in done.stderr


def test_a_clone_of_the_kit_is_told_to_merge(kit: Repository) -> None:
    done = update(kit)
    assert done.returncode == 1
    assert "a clone of the kit, not a project" in done.stderr
    assert "`git merge`" in done.stderr


@pytest.mark.parametrize(
    ("source", "said"),
    [
        # Nothing listens on port 9.
        (
            "https://127.0.0.1:9/kit.git",
            "No network: the kit could not be fetched from https://127.0.0.1:9/kit.git",
        ),
        ("/nowhere/kit", "The update from /nowhere/kit failed and all files are as they were"),
    ],
)
def test_a_source_that_does_not_answer_leaves_everything_as_it_was(
    project: Repository, kit: Repository, source: str, said: str
) -> None:
    answers = project.folder / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(kit.folder), source))
    project.commit("Another source")
    done = update(project)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert project.status() == []


def test_an_update_that_breaks_off_leaves_everything_as_it_was(
    project: Repository, next_version: Repository, tmp_path: Path
) -> None:
    del next_version
    # When copier commits its copy of the next version, the project has been written to already.
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(
        f'#!/bin/sh\ncase "$PWD $*" in *new_copy*commit*) exit 99;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    git.chmod(0o755)
    head = project.git("rev-parse", "HEAD")
    done = python(project.folder, "-c", _WITH_PATH, str(git.parent))
    assert done.returncode == 1, done.stdout
    assert "all files are as they were" in done.stderr
    assert project.status() == []
    assert project.git("rev-parse", "HEAD") == head


_WITH_PATH = """
import os, sys
os.environ["PATH"] = sys.argv.pop() + os.pathsep + os.environ["PATH"]
from tools.update.__main__ import main
sys.exit(main([]))
"""


def test_the_makefile_has_the_command() -> None:
    assert "include tools/update/update.mk" in (ROOT / "Makefile").read_text()
