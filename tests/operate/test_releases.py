"""Test that `releases` says who deployed what when, and `rollback` what it undoes and leaves."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.operate.answers import NOW, definition, definition_arn
from tests.operate.recorded import Recorded
from tests.operate.test_rollback import Aws, deployment
from tools.operate.releases import releases
from tools.operate.undone import lines, undone

_MIGRATION = """
from alembic import op
revision = "{name}"
down_revision = {follows}


def upgrade():
    {does}
"""


def _noted(**commits: str) -> Any:
    """Answer DescribeTaskDefinition with the tags that `make deploy` leaves."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        number = int(asked["taskDefinition"].rpartition(":")[2])
        tags = {
            "flask-fargate:commit": commits.get(f"r{number}", ""),
            "flask-fargate:author": "Ada",
            "flask-fargate:deployed-by": "user/ada",
        }
        noted = [{"key": key, "value": value} for key, value in tags.items() if commits.get(f"r{number}")]
        return {**definition(revision=number), "tags": noted}

    return answer


def test_each_release_has_its_commit_its_deployer_its_time_and_its_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failed = deployment(3, hours=1, status="ROLLBACK_SUCCESSFUL")
    done = deployment(2, hours=5) | {"finishedAt": NOW - timedelta(hours=5) + timedelta(seconds=90)}
    aws = Aws(failed, done, deployment(1, hours=9), runs=2)
    answers = {**aws.recorded.answers, "DescribeTaskDefinition": _noted(r2="d4e5f6a" * 5)}
    deployed = Recorded(answers).deployed()
    assert releases(deployed, most=15) == 0
    first, second, third = deployed.answer
    assert (first["revision"], first["state"], first["current"]) == ("web:3", "ROLLBACK_SUCCESSFUL", False)
    assert (second["revision"], second["took_s"], second["current"]) == ("web:2", 90, True)
    assert (second["author"], second["by"]) == ("Ada", "user/ada")
    assert (third["commit"], third["by"]) == ("", "")
    told = capsys.readouterr().out
    [row] = [line for line in told.splitlines() if "→ web:2" in line]
    assert "d4e5f6ad4 Ada" in row
    assert "?: not deployed by `make deploy`, which notes it." in told


def test_no_more_are_shown_than_asked_for() -> None:
    deployed = Aws(deployment(2, hours=5), deployment(1, hours=9), runs=2).recorded.deployed()
    releases(deployed, most=1)
    assert [each["revision"] for each in deployed.answer] == ["web:2"]


class Repository:
    """A git repository with a commit for each release."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        return subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, subject: str, *, migration: str = "", follows: str = "None", does: str = "pass") -> str:
        versions = self.folder / "migrations" / "versions"
        versions.mkdir(parents=True, exist_ok=True)
        if migration:
            text = _MIGRATION.format(name=migration, follows=follows, does=does)
            (versions / f"{migration}.py").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def _undone(repository: Repository, old: str, new: str) -> Any:
    answers = {"DescribeTaskDefinition": _noted(r1=old, r2=new)}
    deployed = Recorded(answers).deployed()
    return undone(deployed, definition_arn(2), definition_arn(1), root=repository.folder)


def test_a_rollback_names_the_commits_and_migrations_between(repository: Repository) -> None:
    old = repository.commit("First", migration="a1")
    repository.commit("Second", migration="b2", follows="'a1'", does="op.create_table('guests')")
    new = repository.commit("Third")
    found = _undone(repository, old, new)
    assert [each.partition(" ")[2] for each in found["commits"]] == ["Third", "Second"]
    assert found["migrations"] == ["migrations/versions/b2.py"]
    assert (found["breaks"], found["look"], found["unknown"]) == ([], [], "")
    assert "The old code can live with them." in lines(found)


def test_a_migration_that_the_old_code_cannot_live_with_is_told(repository: Repository) -> None:
    old = repository.commit("First", migration="a1")
    new = repository.commit("Second", migration="b2", follows="'a1'", does="op.drop_column('guest', 'name')")
    found = _undone(repository, old, new)
    assert found["breaks"]
    assert "The old code CANNOT live with them:" in lines(found)


def test_without_a_migration_between_it_says_so(repository: Repository) -> None:
    old, new = repository.commit("First"), repository.commit("Second")
    assert lines(_undone(repository, old, new))[-1] == "No migration lies between them."


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("", "", "a release was not deployed by `make deploy`, so its commit is not known"),
        ("f" * 40, "HEAD", "there is no commit 'ffffffffff"),
        ("HEAD", "HEAD+changes", "a release had changes that were never committed"),
    ],
)
def test_what_is_not_known_is_told_not_guessed(repository: Repository, old: str, new: str, why: str) -> None:
    repository.commit("First")
    assert why in lines(_undone(repository, old, new))[-1]


def test_variables_that_change_are_shown_and_passwords_are_not() -> None:
    def of(number: int, **variables: str) -> dict[str, Any]:
        described = definition(revision=number)
        [web] = described["taskDefinition"]["containerDefinitions"]
        web["environment"] += [{"name": name, "value": value} for name, value in variables.items()]
        web["secrets"] = [{"name": "API_KEY", "valueFrom": "arn:secret"}] if number == 2 else []
        return described

    both = {
        definition_arn(1): of(1, LOG_LEVEL="info", GONE="1", DATABASE_URL="postgresql://app:old@db/app"),
        definition_arn(2): of(2, LOG_LEVEL="debug", NEW="1", DATABASE_URL="postgresql://app:new@db/app"),
    }
    deployed = Recorded({"DescribeTaskDefinition": lambda asked: both[asked["taskDefinition"]]}).deployed()
    assert undone(deployed, definition_arn(2), definition_arn(1))["variables"] == [
        "API_KEY goes away",
        "DATABASE_URL: postgresql://***@db/app → postgresql://***@db/app",
        "GONE is back",
        "LOG_LEVEL: debug → info",
        "NEW goes away",
    ]
