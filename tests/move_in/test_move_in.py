"""Who does what README and docs say has a green synth, suite and lint, and edits no file of the kit."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT, check_out
from tests.move_in.edits import ROOMS, move_in

# The set-up of this checkout is good for the copy: these targets count as made.
MADE = (
    ".venv/.installed",
    "node_modules/.package-lock.json",
    ".local/app/.installed",
    ".local/checkov/.installed",
    ".local/preflight/.installed",
)


def run(folder: Path, *words: str) -> str:
    """Return what a command printed that must end well."""
    unknown = ("CDK_", "PYTEST_", "MAKE", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unknown)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout + done.stderr


def make(project: Path, *words: str) -> str:
    return run(project, "make", *(f"--assume-old={made}" for made in MADE), *words)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with this tree as its first commit, and a team's edits that are not committed."""
    project = check_out(tmp_path_factory.mktemp("move_in") / "shop")
    for name in (".venv", "node_modules"):
        (project / name).symlink_to(ROOT / name)
    (project / ".local").mkdir()
    for name in ("app", "checkov", "preflight"):
        (project / ".local" / name).symlink_to(ROOT / ".local" / name)
    git = ("git", "-c", "user.name=Team", "-c", "user.email=team@shop.dev")
    run(project, *git, "init", "--quiet")
    (project / ".git" / "info" / "exclude").write_text(".venv\nnode_modules\n.local\n")
    run(project, *git, "add", "--all")
    run(project, *git, "commit", "--quiet", "--message", "From flask-fargate")
    move_in(project)
    return project


@pytest.fixture(scope="session")
def summary(project: Path) -> str:
    """Return the text that `make synth` printed."""
    return make(project, "synth")


def template(project: Path, name: str) -> dict[str, object]:
    return dict(json.loads((project / "cdk.out" / f"Web-{name}.template.json").read_text()))


def test_only_rooms_of_the_team_are_edited(project: Path) -> None:
    status = run(project, "git", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
    edited = [line[3:] for line in status.split("\0") if line]
    assert edited
    assert [path for path in edited if not path.startswith(ROOMS)] == []


def test_its_environments_are_synthesised_and_no_others(project: Path, summary: str) -> None:
    made = {path.name for path in (project / "cdk.out").glob("Web-*.template.json")}
    assert made == {f"Web-{name}.template.json" for name in ("staging", "prod", "eu-test")}
    assert "https://www.shop.dev" in summary


@pytest.mark.parametrize("name", ["staging", "prod", "eu-test"])
def test_every_environment_has_the_queue_and_tells_the_app(project: Path, summary: str, name: str) -> None:
    assert summary
    text = json.dumps(template(project, name))
    assert '"Type": "AWS::SQS::Queue"' in text
    assert '{"Name": "QUEUE_URL", "Value": {"Ref": "Jobs' in text


def test_an_environment_is_added_in_its_own_region(project: Path, summary: str) -> None:
    assert summary
    manifest = json.loads((project / "cdk.out" / "manifest.json").read_text())
    assert manifest["artifacts"]["Web-eu-test"]["environment"] == "aws://unknown-account/eu-central-1"


# tests/infra and tests/service read no room of a team, which tests/repository checks, and take minutes.
# So only those of their files run again that start the service, or synthesise from the tree they stand in.
SUITE = (
    "tests/project",
    "tests/contract",
    "tests/repository",
    "tests/names",
    "tests/infra/policy",
    "tests/infra/test_synth.py",
    "tests/service/test_gunicorn_serves.py",
    "tests/service/test_install.py",
    "tests/service/test_your_app.py",
)


def test_its_suite_is_green(project: Path, summary: str) -> None:
    assert summary
    out = make(project, "test", f"TESTS={' '.join(SUITE)}")
    assert " passed in " in out
    assert " skipped" not in out


def test_its_lint_is_green(project: Path, summary: str) -> None:
    assert summary
    make(project, "lint")
