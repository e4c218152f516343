import json
from pathlib import Path
from typing import Any

import pytest

from infra.policy import Accepted
from tools.checkov import __main__ as checkov
from tools.checkov.__main__ import Failed, errors, failed_checks

FAILED = Failed("CKV_AWS_18", "prod", "LogBucket08F90A5C", "Ensure the bucket has access logging")


@pytest.fixture
def cdk_out(tmp_path: Path) -> Path:
    """Make a folder that looks like the synth of one environment, prod."""
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Web-prod.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"Web-prod": artifact}}))
    return tmp_path


def answering(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *, summary: dict[str, Any] | None = None, status: int = 0
) -> None:
    """Replace checkov by a command that reports the finding FAILED."""
    answer = {
        "summary": {"passed": 1, "parsing_errors": 0, **(summary or {})},
        "results": {
            "failed_checks": [
                {
                    "check_id": FAILED.check,
                    "check_name": FAILED.asks,
                    "file_path": "/somewhere/Web-prod.template.json",
                    "resource": f"AWS::S3::Bucket.{FAILED.resource}",
                }
            ]
        },
    }
    command = folder / "checkov"
    command.write_text(f"#!/bin/sh\necho wrong >&2\ncat <<'E'\n{json.dumps(answer)}\nE\nexit {status}\n")
    command.chmod(0o755)
    monkeypatch.setattr(checkov, "CHECKOV", command)


def test_reads_which_check_failed_where(monkeypatch: pytest.MonkeyPatch, cdk_out: Path) -> None:
    answering(monkeypatch, cdk_out)
    assert failed_checks(cdk_out) == [FAILED]


@pytest.mark.parametrize("summary", [{"passed": 0}, {"parsing_errors": 1}])
def test_a_run_that_read_no_template_is_an_error(
    monkeypatch: pytest.MonkeyPatch, cdk_out: Path, summary: dict[str, int]
) -> None:
    answering(monkeypatch, cdk_out, summary=summary)
    with pytest.raises(SystemExit, match="checkov could not read the templates"):
        failed_checks(cdk_out)


def test_a_run_that_ends_badly_is_an_error(monkeypatch: pytest.MonkeyPatch, cdk_out: Path) -> None:
    answering(monkeypatch, cdk_out, status=2)
    with pytest.raises(SystemExit, match="checkov ended with 2: wrong"):
        failed_checks(cdk_out)


def test_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, cdk_out: Path) -> None:
    monkeypatch.setattr(checkov, "CHECKOV", cdk_out / "nothing")
    with pytest.raises(SystemExit, match="run `make lint`, which installs it"):
        failed_checks(cdk_out)


def test_a_failed_check_says_where_and_what_to_do() -> None:
    (line,) = errors([FAILED], kit=[], team=[])
    assert line == (
        "prod: CKV_AWS_18 (Ensure the bucket has access logging): LogBucket. "
        "Correct it, or accept it with a reason in infra/accepted.py"
    )


@pytest.mark.parametrize("whose", ["kit", "team"])
def test_an_acceptance_covers_what_it_names(whose: str) -> None:
    registers: dict[str, list[Accepted]] = {"kit": [], "team": []}
    registers[whose].append(Accepted("CKV_AWS_18", ("prod",), "LogBucket", "why"))
    assert list(errors([FAILED], **registers)) == []


def test_an_acceptance_of_the_team_that_nothing_needs_is_an_error() -> None:
    team = [
        Accepted("CKV_AWS_18", ("prod", "dev"), "LogBucket", "why"),
        Accepted("ELB.6", ("prod",), "LoadBalancer", "another tool's"),
    ]
    assert list(errors([FAILED], kit=[], team=team)) == [
        "infra/accepted.py: CKV_AWS_18 is not found at 'LogBucket' in dev: remove it from there"
    ]
