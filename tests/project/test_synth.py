"""Every environment of the team can be built, breaks no rule, and is found by its name."""

import json
from pathlib import Path

import pytest

from infra.environments import preview
from tests.project.conftest import NAMES, STACKS, has_previews
from tools import summary
from tools.assembly import Template
from tools.environments import UnknownEnvironmentError, find


def test_there_is_a_template_for_every_environment_and_for_a_preview(made: dict[str, Template]) -> None:
    assert set(made) == set(STACKS)


def test_a_preview_uses_the_load_balancer_of_an_environment_that_exists() -> None:
    assert has_previews(), (
        "preview() in infra/environments.py: load_balancer.owner must be one of " + ", ".join(NAMES)
    )


def test_no_rule_is_broken(out: Path) -> None:
    reports = json.loads((out / "validation-report.json").read_text())["pluginReports"]
    assert "CloudFormation Validate" in {report["pluginName"] for report in reports}
    assert {report["conclusion"] for report in reports} == {"success"}


def test_every_accepted_finding_has_a_reason(out: Path) -> None:
    reports = json.loads((out / "validation-report.json").read_text())["pluginReports"]
    accepted = [each for report in reports for each in report.get("suppressedViolations", [])]
    assert [each for each in accepted if not each["reason"].strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_is_found_by_its_name(name: str) -> None:
    assert find(name).name == name


def test_a_preview_is_found_by_the_number_of_its_pull_request() -> None:
    assert find("pr-123") == preview(123)


@pytest.mark.parametrize("name", ["no-such", "pr-0"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownEnvironmentError, match=f"no environment '{name}'.*{NAMES[0]}.*or pr-NUMBER"):
        find(name)


def test_the_summary_of_a_synth_can_be_written(template: Template) -> None:
    assert all(summary.facts(template).values())
