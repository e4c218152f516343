"""Test that the workflows are valid, have no more rights than they need, and call only what exists."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import ruamel.yaml

from tests.environments import ENVIRONMENTS
from tools.pipeline.__main__ import _parser

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.prefix) / "bin"
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
GITLAB = ROOT / "docs" / "gitlab-ci.yml"
# The rights of each job beyond reading the code; the workflow itself says why the job needs them.
RIGHTS: dict[str, dict[str, set[str]]] = {
    "ci.yml": {"test": set()},
    "review.yml": {"review": set()},
    "review-comment.yml": {"comment": {"actions: read", "pull-requests: write"}},
    "deploy.yml": {
        "tests": set(),
        "plan": {"issues: read"},
        "image": {"id-token: write"},
        "dev": {"id-token: write", "issues: write"},
        "staging": {"id-token: write", "issues: write"},
        "prod": {"id-token: write", "issues: write"},
    },
    "stage.yml": {
        "prepare_data": {"id-token: write", "issues: read"},
        "deploy_data": {"id-token: write", "issues: read"},
        "prepare": {"id-token: write", "issues: read"},
        "deploy": {"id-token: write", "issues: read"},
        "freeze": {"issues: write"},
    },
    "preview.yml": {
        "deploy": {"id-token: write"},
        "announce": {"pull-requests: write"},
        "remove": {"id-token: write"},
        "sweep": {"id-token: write", "pull-requests: read"},
    },
    "outside.yml": {"ask": set()},
    "drift.yml": {"look": {"id-token: write"}, "tell": {"issues: write"}},
    "release.yml": {"tests": set(), "tag": {"contents: write"}},
    "google.yml": {"deploy": {"id-token: write"}},
    "azure.yml": {"deploy": {"id-token: write"}},
}


def load(path: Path) -> dict[str, Any]:
    return dict(ruamel.yaml.YAML(typ="safe", pure=True).load(path.read_text()))


WORKFLOWS = {path.name: load(path) for path in FILES}
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]
SCRIPTS = [
    (f"{name}: {job}", step["run"])
    for name, workflow in WORKFLOWS.items()
    for job, values in workflow["jobs"].items()
    for step in values.get("steps", [])
    if "run" in step
]


def run(*words: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    path = f"{BIN}:/usr/bin:/bin"
    return subprocess.run(
        words, cwd=cwd, env={"PATH": path, "HOME": str(cwd)}, capture_output=True, text=True, check=False
    )


def actionlint(root: Path) -> subprocess.CompletedProcess[str]:
    files = sorted((root / ".github" / "workflows").glob("*.yml"))
    return run(BIN / "actionlint", "-shellcheck", BIN / "shellcheck", "-no-color", *files, cwd=root)


def zizmor(root: Path) -> subprocess.CompletedProcess[str]:
    return run(BIN / "zizmor", "--offline", "--no-progress", "--color=never", root / ".github", cwd=root)


def schema(name: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    return run(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{name}", *paths)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Copy the workflows into a repository in which a test may break them."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    # actionlint needs a git repository to find a reusable workflow.
    run("git", "init", "--quiet", cwd=tmp_path)
    return tmp_path


def broken(root: Path, name: str, old: str, new: str) -> None:
    path = root / ".github" / "workflows" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_actionlint_finds_nothing() -> None:
    done = actionlint(ROOT)
    assert (done.returncode, done.stdout) == (0, "")


def test_zizmor_finds_nothing() -> None:
    done = zizmor(ROOT)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout


def test_what_zizmor_is_told_to_ignore_has_a_reason() -> None:
    ignored = [line for path in FILES for line in path.read_text().splitlines() if "zizmor: ignore" in line]
    assert len(ignored) == 1
    assert all(re.search(r"zizmor: ignore\[[a-z-]+\] (\S+ ){5,}", line) for line in ignored)


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        ("deploy.yml", "needs.plan.outputs.runner", "needs.plan.outputs.runer", "runer"),
        ("stage.yml", "inputs.environment", "inputs.enviroment", "enviroment"),
        ("deploy.yml", "      environment: dev", "      enviroment: dev", "enviroment"),
        ("review.yml", 'echo "$NUMBER"', "echo $NUMBER", "SC2086"),
        ("drift.yml", "timeout-minutes: 30", "timeout-minuts: 30", "timeout-minuts"),
    ],
)
def test_actionlint_can_fail(copied: Path, name: str, old: str, new: str, finding: str) -> None:
    broken(copied, name, old, new)
    done = actionlint(copied)
    assert done.returncode == 1
    assert finding in done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        ("review.yml", '"$HEAD"', '"${{ github.event.pull_request.head.ref }}"', "template-injection"),
        ("review.yml", "08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0", "v5", "unpinned-uses"),
        ("review.yml", "persist-credentials: false", "clean: true", "artipacked"),
        ("review-comment.yml", "# zizmor: ignore[dangerous-triggers]", "#", "dangerous-triggers"),
    ],
)
def test_zizmor_can_fail(copied: Path, name: str, old: str, new: str, finding: str) -> None:
    broken(copied, name, old, new)
    done = zizmor(copied)
    assert done.returncode != 0
    assert f"[{finding}]" in done.stdout


def test_they_are_what_githubs_schema_says() -> None:
    done = schema("github-workflows", *FILES)
    assert done.returncode == 0, done.stdout


def test_gitlabs_pipeline_is_what_its_schema_says(tmp_path: Path) -> None:
    done = schema("gitlab-ci", GITLAB)
    assert done.returncode == 0, done.stdout
    (tmp_path / "broken.yml").write_text(GITLAB.read_text().replace("script:", "skript:"))
    assert schema("gitlab-ci", tmp_path / "broken.yml").returncode == 1


@pytest.mark.parametrize(("name", "job"), JOBS, ids=lambda each: each)
def test_a_job_has_no_right_that_is_not_accounted_for(name: str, job: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] in ({}, {"contents": "read"})
    given = workflow["jobs"][job].get("permissions", workflow["permissions"])
    rights = {f"{scope}: {level}" for scope, level in given.items()} - {"contents: read"}
    assert rights == RIGHTS[name][job]


@pytest.mark.parametrize("name", ["review.yml", "ci.yml"])
def test_what_runs_for_forks_sees_no_secret_and_no_token(name: str) -> None:
    text = (FOLDER / name).read_text()
    assert not re.search(r"secrets\.|github\.token|id-token", text)


def test_what_has_rights_beside_a_stranger_runs_nothing_of_theirs() -> None:
    text = (FOLDER / "review-comment.yml").read_text()
    assert re.findall(r"ref: (.*)", text) == ["${{ github.event.repository.default_branch }}"]
    assert not re.search(r"make |pip |npm |npx |activate|download-artifact", text)


@pytest.mark.parametrize(("name", "job"), JOBS, ids=lambda each: each)
def test_every_job_ends_by_itself(name: str, job: str) -> None:
    values = WORKFLOWS[name]["jobs"][job]
    assert "uses" in values or values["timeout-minutes"] <= 110


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if name not in ("ci.yml", "stage.yml")])
def test_two_runs_of_one_kind_do_not_meet(name: str) -> None:
    assert WORKFLOWS[name]["concurrency"]["group"]


def test_nothing_that_changes_aws_is_cut_short() -> None:
    for name in ("deploy.yml", "preview.yml", "drift.yml", "google.yml", "azure.yml"):
        assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] is False


def test_every_action_is_pinned_once_and_named_by_its_version() -> None:
    used = {line for path in FILES for line in re.findall(r"uses: ([^./\s].*)", path.read_text())}
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in used), used
    actions = [line.partition("@")[0] for line in used]
    assert len(actions) == len(set(actions))


def test_the_stages_are_the_environments_in_their_order() -> None:
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    stages = {name: job for name, job in jobs.items() if "stage.yml" in job.get("uses", "")}
    names = [environment.name for environment in ENVIRONMENTS]
    assert [job["with"]["environment"] for job in stages.values()] == names
    for before, after in zip(stages, list(stages)[1:], strict=False):
        assert before in stages[after]["needs"]
    assert WORKFLOWS["drift.yml"]["jobs"]["look"]["strategy"]["matrix"]["environment"] == names


def test_every_stage_gets_the_same_image() -> None:
    jobs = WORKFLOWS["deploy.yml"]["jobs"].values()
    images = {job["with"]["image"] for job in jobs if "stage.yml" in job.get("uses", "")}
    assert images == {"${{ needs.image.outputs.image }}"}
    assert "docker/build-push-action" not in (FOLDER / "stage.yml").read_text()


@pytest.mark.parametrize(("job", "prepared"), [("deploy", "prepare"), ("deploy_data", "prepare_data")])
def test_what_is_executed_is_what_was_prepared_and_nothing_is_when_frozen(job: str, prepared: str) -> None:
    deploy = WORKFLOWS["stage.yml"]["jobs"][job]
    scripts = [step.get("run", "") for step in deploy["steps"]]
    frozen = next(i for i, each in enumerate(scripts) if "tools.pipeline frozen" in each)
    execute = next(i for i, each in enumerate(scripts) if "execute-change-set" in each)
    assert frozen < execute
    given = f"${{{{ needs.{prepared}.outputs.change_set }}}}"
    assert deploy["steps"][execute]["env"] == {"CHANGE_SET": given}
    assert not any("prepare-change-set" in each for each in scripts)
    assert deploy["environment"]["name"] == "${{ inputs.environment }}"


def test_the_data_is_deployed_before_the_change_set_of_the_service_is_prepared() -> None:
    jobs = WORKFLOWS["stage.yml"]["jobs"]
    assert set(jobs["prepare"]["needs"]) == {"prepare_data", "deploy_data"}
    assert "--data " in str(jobs["prepare_data"])
    # Skipped where there is none or nothing of it changes, and a failure stops the service.
    assert jobs["prepare"]["if"] == "${{ !failure() && !cancelled() }}"
    assert "!failure()" in jobs["deploy"]["if"]


def test_a_deployment_of_data_that_failed_freezes() -> None:
    assert "needs.deploy_data.result != 'success'" in WORKFLOWS["stage.yml"]["jobs"]["freeze"]["if"]


def test_a_deployment_that_failed_rolls_back_and_freezes() -> None:
    jobs = WORKFLOWS["stage.yml"]["jobs"]
    steps = [str(step) for step in jobs["deploy"]["steps"]]
    smoke = next(i for i, each in enumerate(steps) if "tools.smoke" in each)
    assert "tools.pipeline roll-back" in steps[smoke + 1]
    assert "steps.smoke.outcome == 'failure'" in steps[smoke + 1]
    assert "needs.deploy.result != 'success'" in jobs["freeze"]["if"]
    assert "tools.pipeline freeze" in str(jobs["freeze"]["steps"])


@pytest.mark.parametrize("name", ["google.yml", "azure.yml"])
def test_other_clouds_get_a_token_of_the_run_and_no_key(name: str) -> None:
    text = (FOLDER / name).read_text()
    assert "secrets." not in text
    assert "ACTIONS_ID_TOKEN_REQUEST_TOKEN" in text
    assert WORKFLOWS[name]["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"


def test_forks_get_no_preview() -> None:
    jobs = WORKFLOWS["preview.yml"]["jobs"]
    for job in ("deploy", "remove"):
        assert "head.repo.full_name == github.repository" in jobs[job]["if"]


def test_without_its_variable_no_job_touches_aws() -> None:
    for name, workflow in WORKFLOWS.items():
        for job, values in workflow["jobs"].items():
            if "PIPELINE" in str(values) and name not in ("stage.yml", "ci.yml") and job != "image":
                assert "vars.PIPELINE != ''" in values["if"], (name, job)


@pytest.mark.parametrize(("place", "script"), SCRIPTS)
def test_every_command_of_ours_is_called_as_it_wants_to_be(place: str, script: str) -> None:
    joined = script.replace("\\\n", " ")
    for call in re.findall(r"python3? -m tools\.pipeline ([^\n;|)]*)", joined):
        words = shlex.split(re.split(r" >>? |\$\(", call)[0], comments=True)
        given = ["1" if word == "$NUMBER" else word for word in words]
        assert _parser().parse_args(given), place


def test_jobs_with_rights_on_the_repository_run_nothing_that_is_installed() -> None:
    for name, job in JOBS:
        values = WORKFLOWS[name]["jobs"][job]
        writes = {scope for scope, level in values.get("permissions", {}).items() if level == "write"}
        if writes & {"issues", "pull-requests"} and "steps" in values:
            assert "make setup" not in str(values), (name, job)
