"""Security Hub's controls over the templates, and that each of them can fail."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cfnlint.decode import decode

from tests.infra.broken import ARTIFACTS, PAIRS
from tools.security import __main__ as command
from tools.security.accepted import WHERE_THERE_IS_ONE, Accepted
from tools.security.control import Control
from tools.security.controls import CONTROLS, NOT_HERE
from tools.security.evaluation import errors, evaluate
from tools.security.report import report
from tools.security.stack import Stack, stacks

ROOT = Path(__file__).resolve().parent.parent.parent
BOOTSTRAP = ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"


@pytest.fixture(scope="session")
def made(app: cdk.App) -> list[Stack]:
    """All environments as the checker reads them."""
    return stacks(Path(app.synth().directory))


def named(controls: tuple[Control, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("control", controls, ids=lambda control: control.id)


def failing(control: Control, resources: dict[str, Any], artifact: dict[str, Any] | None = None) -> set[str]:
    stack = Stack("test", {"Resources": resources}, artifact or {})
    return {finding.resource for finding in control.check(stack) if finding.problem}


@named(tuple(each for each in CONTROLS if each.id not in ARTIFACTS))
def test_a_control_passes_what_satisfies_it_and_fails_what_breaks_it(control: Control) -> None:
    assert failing(control, PAIRS[control.id].resources()) == {"Bad"}


@named(tuple(each for each in CONTROLS if each.id in ARTIFACTS))
def test_a_control_of_the_stack_itself_can_fail(control: Control) -> None:
    good, bad = ARTIFACTS[control.id]
    assert failing(control, {}, good) == set()
    assert failing(control, {}, bad) == {"the stack"}


@named(tuple(each for each in CONTROLS if each.id not in ARTIFACTS))
def test_a_control_without_its_resources_finds_nothing(control: Control) -> None:
    assert list(control.check(Stack("test", {"Resources": {}}))) == []


def test_each_control_is_there_once() -> None:
    ids = [control.id for control in CONTROLS]
    assert sorted(ids) == sorted({*PAIRS, *ARTIFACTS})
    assert not {each for not_here in NOT_HERE for each in not_here.controls} & set(ids)


def test_every_environment_satisfies_every_control_or_says_why_not(made: list[Stack]) -> None:
    assert list(errors(made, evaluate(made))) == []


def test_the_page_is_current(made: list[Stack]) -> None:
    assert (ROOT / "docs/security.md").read_text() == report(made, evaluate(made))


def test_production_has_no_exception_that_staging_has_not(made: list[Stack]) -> None:
    verdicts = evaluate([stack for stack in made if stack.environment in ("staging", "prod")])
    excepted = {
        name: {each.control.id for each in verdicts if each.environment == name and each.accepted}
        for name in ("staging", "prod")
    }
    assert excepted["prod"] <= excepted["staging"]


def broken_bucket() -> Stack:
    return Stack("test", {"Resources": PAIRS["S3.13"].resources()})


def only(control_id: str) -> list[Control]:
    return [control for control in CONTROLS if control.id == control_id]


def test_a_failing_control_says_what_is_wrong_where_and_what_to_do() -> None:
    verdicts = evaluate([broken_bucket()], controls=only("S3.13"), register=())
    (line,) = errors([broken_bucket()], verdicts, register=())
    assert line == (
        "test: S3.13 (Buckets have a lifecycle rule): Bad: what is in it stays for ever. Mend it, or accept "
        "it with a reason in tools/security/exceptions.py; "
        "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-13"
    )


def test_an_exception_covers_only_the_resource_and_environment_it_names() -> None:
    def words(accepted: Accepted) -> list[str]:
        return [
            verdict.word
            for verdict in evaluate([broken_bucket()], controls=only("S3.13"), register=[accepted])
        ]

    assert words(Accepted("S3.13", ("test",), "Bad", "why")) == ["exception"]
    assert words(Accepted("S3.13", ("test",), "Good", "why")) == ["**fails**"]
    assert words(Accepted("S3.13", ("prod",), "Bad", "why")) == ["**fails**"]
    assert words(Accepted("S3.9", ("test",), "Bad", "why")) == ["**fails**"]


def test_an_exception_that_nothing_needs_is_an_error() -> None:
    register = [Accepted("S3.13", ("test", "prod"), "Bad", "why")]
    verdicts = evaluate([broken_bucket()], controls=only("S3.13"), register=register)
    assert list(errors([broken_bucket()], verdicts, register=register)) == [
        "tools/security/exceptions.py: S3.13: 'Bad' in prod needs no exception any more: remove it"
    ]


def test_an_exception_for_what_an_environment_may_have_is_never_stale() -> None:
    register = [Accepted("S3.13", WHERE_THERE_IS_ONE, "Bad", "why")]
    verdicts = evaluate([broken_bucket()], controls=only("S3.13"), register=register)
    assert [verdict.word for verdict in verdicts] == ["exception"]
    assert list(errors([], [], register=register)) == []


def test_a_resource_whose_controls_are_not_written_is_an_error() -> None:
    stack = Stack("test", {"Resources": {"Database1A2B3C4D": {"Type": "AWS::RDS::DBInstance"}}})
    (line,) = errors([stack], [], register=())
    assert line == (
        "test: Database has controls that are not checked (RDS.2 to RDS.46): write them in tools/security/"
    )


def test_every_control_is_linked_to_its_page() -> None:
    page = (ROOT / "docs/security.md").read_text()
    named_ids = set(re.findall(r"\[([A-Za-z0-9]+\.\d+)\](?!:)", page))
    linked = set(re.findall(r"^\[([A-Za-z0-9]+\.\d+)\]: https://docs\.aws\.amazon\.com/", page, re.MULTILINE))
    assert {control.id for control in CONTROLS} <= linked
    assert named_ids <= linked


def test_what_is_said_of_the_bootstrap_repository_is_so_in_the_pinned_cli() -> None:
    template, problems = decode(str(BOOTSTRAP))
    assert not problems
    repository = template["Resources"]["ContainerAssetsRepository"]["Properties"]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert "ImageScanningConfiguration" not in repository


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[Stack]) -> Path:
    """A docs/security.md of the command's own, with the templates of the tests."""
    path = tmp_path / "security.md"
    monkeypatch.setattr(command, "SECURITY_MD", path)
    monkeypatch.setattr(command, "stacks", lambda: made)
    monkeypatch.setattr(sys, "argv", ["security", "--check"])
    return path


def test_the_check_fails_when_the_page_is_old(page: Path, made: list[Stack]) -> None:
    page.write_text("old")
    with pytest.raises(SystemExit, match="not current: run `make docs`"):
        command.main()
    assert page.read_text() == "old"
    page.write_text(report(made, evaluate(made)))
    command.main()


def test_the_page_is_not_written_while_a_control_fails(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["security"])
    monkeypatch.setattr(command, "stacks", lambda: [broken_bucket()])
    with pytest.raises(SystemExit, match=r"S3\.13"):
        command.main()
    assert not page.exists()
