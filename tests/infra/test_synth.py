"""What `cdk synth` promises whoever runs it: a reviewer, CI on a fork, a laptop on a train."""

import filecmp
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.prefix) / "bin"
DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def offline() -> dict[str, str]:
    """An environment with no AWS credentials, no Docker, and a proxy that ends every attempt to reach out."""
    return {"PATH": str(BIN), "HTTP_PROXY": DEAD, "HTTPS_PROXY": DEAD, "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def synthesised(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cdk.out as the CLI writes it for all environments, all validation on."""
    folder = tmp_path_factory.mktemp("cli")
    home = tmp_path_factory.mktemp("home")
    run = subprocess.run(
        ["node", ROOT / "node_modules/aws-cdk/bin/cdk", "synth", "--quiet", "--output", folder],
        cwd=ROOT,
        env={**offline, "HOME": str(home), "CDK_DISABLE_CLI_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="session")
def reports(synthesised: Path) -> dict[str, Any]:
    """What each validation plugin found, by its name."""
    report = json.loads((synthesised / "validation-report.json").read_text())
    return {plugin["pluginName"]: plugin for plugin in report["pluginReports"]}


def app(offline: dict[str, str], checkout: Path, cwd: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, checkout / "app.py"],
        cwd=cwd,
        env={**offline, "CDK_OUTDIR": str(out), "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another checkout of the same commit, in another folder."""
    copy = tmp_path / "checkout"
    for name in ("infra", "service"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def test_writes_a_template_for_every_environment(synthesised: Path) -> None:
    for name in ("dev", "staging", "prod"):
        assert json.loads((synthesised / f"Web-{name}.template.json").read_text())["Resources"]


def test_no_rule_is_broken(reports: dict[str, Any]) -> None:
    # cdk-nag and our policy leave no report when they find nothing; test_policy.py shows that they look.
    assert "CloudFormation Validate" in reports
    assert {report["conclusion"] for report in reports.values()} == {"success"}
    assert {name for name, report in reports.items() if report["violations"]} == {"Construct Annotations"}


def test_every_acknowledged_rule_has_a_reason(reports: dict[str, Any]) -> None:
    acknowledged = [each for report in reports.values() for each in report.get("suppressedViolations", [])]
    assert acknowledged
    assert all(each["reason"] for each in acknowledged)


def test_is_the_same_to_the_byte_in_another_folder_whatever_changed_beside_the_service(
    offline: dict[str, str], checkout: Path, tmp_path: Path
) -> None:
    (checkout / "tests").mkdir()
    (checkout / "tests" / "test_new.py").write_text("")
    (checkout / "README.md").write_text("changed")
    with (checkout / "infra" / "network.py").open("a") as file:
        file.write("# changed\n")
    (checkout / "service" / "__pycache__").mkdir()
    (checkout / "service" / "__pycache__" / "settings.cpython-311.pyc").write_bytes(b"changed")
    here, there = tmp_path / "here", tmp_path / "there"
    assert app(offline, ROOT, ROOT, here).returncode == 0
    assert app(offline, checkout, tmp_path, there).returncode == 0
    files = sorted(path.relative_to(here) for path in here.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(there) for path in there.rglob("*") if path.is_file())
    _, different, missing = filecmp.cmpfiles(here, there, [str(name) for name in files], shallow=False)
    assert (different, missing) == ([], [])


def test_a_wrong_value_is_answered_with_one_line_and_writes_nothing(
    offline: dict[str, str], checkout: Path, tmp_path: Path
) -> None:
    environments = checkout / "infra" / "environments.py"
    environments.write_text(environments.read_text().replace("min=1, max=2", "min=3, max=2"))
    run = app(offline, checkout, tmp_path, tmp_path / "out")
    assert run.returncode == 1
    place = "infra/environments.py:22"
    assert run.stderr == f"{place}: Tasks: min (3) is more than max (2): raise max or lower min\n"
    assert not (tmp_path / "out").exists()
