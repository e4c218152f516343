"""Test that `cdk synth` keeps its promises for a reviewer, for CI on a fork, and without a network."""

import filecmp
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.kit_checkout import OFFLINE, ROOT, check_out, synth


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise all environments with all validation on; return cdk.out as the CLI writes it."""
    checkout = check_out(tmp_path_factory.mktemp("cli"))
    cdk = ["node", str(ROOT / "node_modules/aws-cdk/bin/cdk"), "synth", "--quiet"]
    run = subprocess.run(
        [*cdk, "--app", f"'{sys.executable}' app.py"],
        cwd=checkout,
        env={**OFFLINE, "HOME": str(checkout), "CDK_DISABLE_CLI_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return checkout / "cdk.out"


@pytest.fixture(scope="session")
def reports(synthesised: Path) -> dict[str, Any]:
    """Return the findings of each validation plugin by its name."""
    report = json.loads((synthesised / "validation-report.json").read_text())
    return {plugin["pluginName"]: plugin for plugin in report["pluginReports"]}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout that a test may change."""
    return check_out(tmp_path / "checkout")


def test_writes_a_template_for_every_environment(synthesised: Path) -> None:
    for name in ("dev", "staging", "prod"):
        assert json.loads((synthesised / f"Web-{name}.template.json").read_text())["Resources"]


def test_no_rule_is_broken(reports: dict[str, Any]) -> None:
    # cdk-nag and our policy write no report when they find nothing; test_policy.py tests that they run.
    assert "CloudFormation Validate" in reports
    assert {report["conclusion"] for report in reports.values()} == {"success"}
    assert {name for name, report in reports.items() if report["violations"]} == {"Construct Annotations"}


def test_every_acknowledged_rule_has_a_reason(reports: dict[str, Any]) -> None:
    acknowledged = [each for report in reports.values() for each in report.get("suppressedViolations", [])]
    assert acknowledged
    assert all(each["reason"] for each in acknowledged)


def test_is_the_same_to_the_byte_in_another_folder_whatever_changed_beside_the_service(
    checkout: Path, tmp_path: Path
) -> None:
    original = check_out(tmp_path / "original")
    (checkout / "tests").mkdir()
    (checkout / "tests" / "test_new.py").write_text("")
    (checkout / "README.md").write_text("changed")
    with (checkout / "infra" / "stack.py").open("a") as file:
        file.write("# changed\n")
    (checkout / "service" / "__pycache__").mkdir()
    (checkout / "service" / "__pycache__" / "settings.cpython-311.pyc").write_bytes(b"changed")
    here, there = tmp_path / "here", tmp_path / "there"
    assert synth(original, out=here).returncode == 0
    assert synth(checkout, out=there, cwd=tmp_path).returncode == 0
    files = sorted(path.relative_to(here) for path in here.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(there) for path in there.rglob("*") if path.is_file())
    _, different, missing = filecmp.cmpfiles(here, there, [str(name) for name in files], shallow=False)
    assert (different, missing) == ([], [])


def test_a_wrong_value_is_answered_with_one_line_and_writes_nothing(checkout: Path, tmp_path: Path) -> None:
    environments = checkout / "infra" / "environments.py"
    text = environments.read_text()
    line = (
        text.splitlines().index('    tasks=Tasks(min=1, max=2, cpu=256, memory_mib=512, spot="always"),') + 1
    )
    environments.write_text(text.replace("min=1, max=2", "min=3, max=2"))
    run = synth(checkout, out=tmp_path / "out", cwd=tmp_path)
    assert run.returncode == 1
    place = f"infra/environments.py:{line}"
    assert run.stderr == f"{place}: Tasks: min (3) is more than max (2): raise max or lower min\n"
    assert not (tmp_path / "out").exists()


def test_a_variable_that_the_service_cannot_have_meant_is_refused(checkout: Path, tmp_path: Path) -> None:
    environments = checkout / "infra" / "environments.py"
    text = environments.read_text()
    environments.write_text(text.replace('name="dev",', 'name="dev", variables={"LOG_LEVLE": "debug"},'))
    run = synth(checkout, out=tmp_path / "out")
    assert run.returncode == 1
    assert "the service does not read LOG_LEVLE: did you mean LOG_LEVEL?" in run.stderr


def test_what_is_to_stay_must_say_who_hears_of_it(checkout: Path, tmp_path: Path) -> None:
    environments = checkout / "infra" / "environments.py"
    told = environments.read_text()
    line = '    alarms=Alarms(email="ops@example.com"),\n'
    assert line in told
    environments.write_text(told.replace(line, ""))
    run = synth(checkout, out=tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr == (
        "infra/environments.py: prod: removal is 'retain' and alarms.email is not set, so that nobody would "
        "hear of alarms and failed deployments of what is to stay: set alarms=Alarms(email=...), or "
        "removal='destroy'\n"
    )
    environments.write_text(told.replace(line, "").replace('removal="retain"', 'removal="destroy"'))
    assert synth(checkout, out=tmp_path / "out").returncode == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("DEV = Environment(", "this is not Python: '(' was never closed"),
        ("DEV = Enviroment()", "NameError: name 'Enviroment' is not defined"),
        ("import infra.parameter", "ModuleNotFoundError: No module named 'infra.parameter'"),
        ("DEV = Environment('dev')", "TypeError: "),
        ("NUMBER = 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_slip_in_the_teams_file_is_one_line_with_its_place(
    checkout: Path, tmp_path: Path, wrong: str, told: str
) -> None:
    environments = checkout / "infra" / "environments.py"
    text = environments.read_text()
    line = len(text.splitlines()) + 1
    environments.write_text(f"{text}{wrong}\n")
    run = synth(checkout, out=tmp_path / "out")
    assert run.returncode == 1
    assert run.stderr.startswith(f"infra/environments.py:{line}: {told}")
    assert len(run.stderr.splitlines()) == 1
