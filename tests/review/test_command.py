"""Test how the command ends, what it leaves behind, and what it says if it cannot run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.conftest import Answer
from tests.review.small import LOG, TOPIC, files, put, repository, save, template
from workshop.review_page import ROOT, git

OTHERWISE_EACH_TIME = """
import uuid
for name, template in stacks.items():
    template["Description"] = uuid.uuid4().hex
    (out / f"Web-{name}.template.json").write_text(json.dumps(template))
"""
REVISION = """
from alembic import op
revision = "{}"
down_revision = "a"
def upgrade():
    op.{}
"""
Review = Callable[..., Answer]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return repository(tmp_path / "small")


@pytest.fixture
def run(review: Review) -> Review:
    """Return a function that runs this repository's command in another one."""

    def reviewed(folder: Path, *arguments: str, **environment: str) -> Answer:
        return review(folder, *arguments, PYTHONPATH=str(ROOT), **environment)

    return reviewed


@pytest.fixture(scope="session")
def without_its_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository whose head removes a log group."""
    folder = repository(tmp_path_factory.mktemp("gates") / "small")
    git(folder, "checkout", "--quiet", "-b", "change")
    put(folder, dev=template(Topic=TOPIC))
    save(folder)
    return folder


def test_without_a_git_repository_it_says_so(run: Review, tmp_path: Path) -> None:
    answer = run(tmp_path, "--base", "main")
    assert answer.code == 2
    assert "is not a git repository: a review compares two commits of one" in answer.stderr


def test_an_unknown_commit_is_answered_with_those_there_are(run: Review, small: Path) -> None:
    answer = run(small, "--base", "mian")
    assert (answer.code, answer.report) == (2, "")
    assert "there is no commit 'mian' here: give a branch (main), tag or commit." in answer.stderr


def test_a_shallow_clone_is_told_how_to_get_the_rest(run: Review, small: Path, tmp_path: Path) -> None:
    git(small, "checkout", "--quiet", "-b", "change")
    save(small)
    git(small, "checkout", "--quiet", "main")
    save(small)
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{small}", "shallow")
    answer = run(tmp_path / "shallow", "--base", "main", "--head", "change")
    assert answer.code == 2
    assert "run `git fetch --unshallow` first (in GitHub Actions: fetch-depth: 0)" in answer.stderr


def test_a_branch_that_only_the_remote_has_will_do(run: Review, small: Path, tmp_path: Path) -> None:
    git(small, "checkout", "--quiet", "-b", "change")
    git(tmp_path, "clone", "--quiet", f"file://{small}", "clone")
    answer = run(tmp_path / "clone", "--base", "main")
    assert answer.code == 0, answer.stderr
    assert answer.json["verdict"] == "no change"


def test_a_head_that_does_not_synthesise_is_told_its_cause_in_one_line(run: Review, small: Path) -> None:
    (small / "app.py").write_text("raise ValueError('no zone is called eu-west-9z')\n")
    answer = run(small, "--base", "main")
    assert (answer.code, answer.report, answer.json) == (2, "", {})
    told = "review: the working tree does not synthesise: ValueError: no zone is called eu-west-9z"
    assert answer.stderr.splitlines()[-1] == told


def test_a_base_that_does_not_synthesise_leaves_a_review_of_the_head(run: Review, small: Path) -> None:
    (small / "app.py").write_text("raise ValueError('broken')\n")
    save(small)
    git(small, "checkout", "--quiet", "-b", "change")
    git(small, "checkout", "--quiet", "HEAD~", "--", "app.py")
    save(small)
    answer = run(small, "--base", "main", "--head", "change")
    assert (answer.code, answer.verdicts) == (0, {"dev": "look"})
    assert any("does not synthesise: ValueError: broken" in note for note in answer.json["notes"])
    assert "every environment is shown as if it were new" in answer.report


def test_the_code_under_review_sees_no_credentials(run: Review, small: Path) -> None:
    (small / "app.py").write_text(
        "import os, sys\n"
        "sys.exit('it sees ' + repr([name for name in os.environ if 'AWS' in name or 'TOKEN' in name]))\n"
    )
    secrets = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_PROFILE": "prod", "GITHUB_TOKEN": "secret"}
    assert "it sees []" in run(small, "--base", "main", **secrets).stderr


def test_the_working_tree_is_reviewed_as_it_lies_there_and_left_so(run: Review, small: Path) -> None:
    put(small, dev=template(Log=LOG, Topic=TOPIC), Pipeline=template(Topic=TOPIC))
    (small / "untracked.txt").write_text("new")
    before = files(small)
    answer = run(small, "--base", "main")
    assert answer.verdicts == {"dev": "no change", "Pipeline": "look"}
    assert answer.json["head"]["commit"] is None
    assert "2 files differ: stack.json, untracked.txt." in answer.json["notes"]
    assert files(small) == before


def test_what_others_did_to_the_base_since_is_not_shown(run: Review, small: Path) -> None:
    git(small, "checkout", "--quiet", "-b", "change")
    save(small)
    git(small, "checkout", "--quiet", "main")
    put(small, dev=template(Topic=TOPIC))
    save(small)
    answer = run(small, "--base", "main", "--head", "change")
    assert answer.verdicts == {"dev": "no change"}
    assert (
        "main has moved on since; merge it in and review again to see both together." in answer.json["notes"]
    )


def test_each_commit_is_synthesised_once(run: Review, small: Path) -> None:
    with (small / "app.py").open("a") as app:
        app.write(OTHERWISE_EACH_TIME)
    save(small)
    assert run(small, "--base", "main", "--head", "main").verdicts == {"dev": "no change"}
    (kept,) = (small / ".local/review").glob("*/cdk.out/Web-dev.template.json")
    first = kept.read_text()
    assert run(small, "--base", "main", "--head", "main").verdicts == {"dev": "no change"}
    assert kept.read_text() == first


def test_a_synth_that_dies_half_way_leaves_nothing(run: Review, small: Path) -> None:
    with (small / "app.py").open("a") as app:
        app.write("os._exit(9)\n")
    save(small)
    assert run(small, "--base", "main", "--head", "main").code == 2
    assert list((small / ".local/review").iterdir()) == []
    assert len(git(small, "worktree", "list").splitlines()) == 1


def test_what_old_reviews_left_is_tidied(run: Review, small: Path) -> None:
    cache = small / ".local/review"
    old = ["packages/0123456789ab", "cfn-lint-1.0", ".part-dead", *(f"{n:012x}-{n:012x}" for n in range(20))]
    for age, name in enumerate(reversed(old)):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (age * 1000, age * 1000))
    (cache / "packages/fresh").mkdir()
    assert run(small, "--base", "main", "--head", "main").code == 0
    left = {str(each.relative_to(cache)) for each in (*cache.iterdir(), *cache.glob("packages/*"))}
    assert "packages/fresh" in left
    assert not left & {"packages/0123456789ab", ".part-dead"}
    assert len([each for each in left if len(each) == 25]) <= 13


def test_a_gate_that_is_tripped_ends_it_with_1(run: Review, without_its_log: Path) -> None:
    answer = run(without_its_log, "--base", "main")
    assert (answer.code, answer.verdicts) == (1, {"dev": "dangerous"})
    assert "**Stopped** by the gate `dangerous`" in answer.report


def test_an_accepted_verdict_ends_well_and_stays_in_the_report(run: Review, without_its_log: Path) -> None:
    answer = run(without_its_log, "--base", "main", "--accept")
    assert (answer.code, answer.json["accepted"], answer.json["tripped"]) == (0, True, ["dangerous"])
    assert "**Accepted**" in answer.report


def test_a_gate_that_is_none_is_wrong_usage(run: Review, small: Path) -> None:
    answer = run(small, "--base", "main", "--fail-on", "danger")
    assert answer.code == 2
    assert "'danger': choose of never, look, dangerous, destructive, widening" in answer.stderr


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    """Make a repository whose database has one revision."""
    folder = repository(tmp_path / "migrated")
    versions = folder / "service/src/migrations/versions"
    versions.mkdir(parents=True)
    (versions / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    save(folder)
    return folder


def test_new_revisions_of_the_database_are_judged_beside_those_that_were_there(
    run: Review, migrated: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(migrated), str(folder))
    versions = folder / "service/src/migrations/versions"
    (versions / "c.py").write_text(REVISION.format("c", "execute('SELECT 1')"))
    save(folder)
    (versions / "b.py").write_text(REVISION.format("b", "drop_column('guest', 'name')"))
    answer = run(folder, "--base", "HEAD")
    assert (answer.code, answer.verdicts["migrations"]) == (1, "dangerous")
    assert "column guest.name is dropped" in answer.report
    assert "has 2 heads (b, c)" in answer.report


def test_revisions_that_the_serving_version_can_live_with_are_safe(run: Review, migrated: Path) -> None:
    versions = migrated / "service/src/migrations/versions"
    (versions / "b.py").write_text(REVISION.format("b", "create_table('guest')"))
    answer = run(migrated, "--base", "HEAD")
    assert (answer.code, answer.verdicts["migrations"]) == (0, "safe")
