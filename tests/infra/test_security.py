"""Test Security Hub's controls on the templates, and that each control can fail."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode

from infra.policy import Accepted
from tests.infra.broken import ARTIFACTS, PAIRS
from tools.security.control import Control
from tools.security.controls import CONTROLS, NOT_HERE
from tools.security.evaluation import Verdict, errors, evaluate
from tools.security.stack import Stack

ROOT = Path(__file__).resolve().parent.parent.parent
BOOTSTRAP = ROOT / "node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml"


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


def broken_bucket() -> Stack:
    return Stack("test", {"Resources": PAIRS["S3.13"].resources()})


def judged(*accepted: Accepted) -> list[Verdict]:
    only = [control for control in CONTROLS if control.id == "S3.13"]
    return evaluate([broken_bucket()], controls=only, accepted=accepted)


def test_a_failing_control_says_what_is_wrong_where_and_what_to_do() -> None:
    (line,) = errors([broken_bucket()], judged(), team=())
    assert line == (
        "test: S3.13 (Buckets have a lifecycle rule): Bad: what is in it stays for ever. Correct it, or "
        "accept it with a reason in infra/accepted.py; "
        "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-13"
    )


@pytest.mark.parametrize(
    ("accepted", "word"),
    [
        (Accepted("S3.13", ("test",), "Bad", "why"), "exception"),
        (Accepted("S3.13", ("test",), "Good", "why"), "**fails**"),
        (Accepted("S3.13", ("prod",), "Bad", "why"), "**fails**"),
        (Accepted("S3.9", ("test",), "Bad", "why"), "**fails**"),
    ],
)
def test_an_acceptance_covers_only_what_it_names(accepted: Accepted, word: str) -> None:
    assert [verdict.word for verdict in judged(accepted)] == [word]


def test_an_acceptance_that_nothing_needs_is_an_error() -> None:
    team = [Accepted("S3.13", ("test", "prod"), "Bad", "why")]
    assert list(errors([broken_bucket()], judged(*team), team)) == [
        "infra/accepted.py: S3.13 is not found at 'Bad' in prod: remove it from there"
    ]


def test_an_acceptance_of_a_rule_that_there_is_not_is_an_error() -> None:
    (line,) = errors([], [], [Accepted("ELB.99", ("test",), "Bad", "why")])
    assert line.startswith("infra/accepted.py: there is no rule 'ELB.99'")


@pytest.mark.parametrize("rule", ["CKV_AWS_18", "CKV2_AWS_71", "AwsSolutions-S1", "flask-fargate::timeouts"])
def test_rules_of_other_tools_are_left_to_them(rule: str) -> None:
    assert list(errors([], [], [Accepted(rule, ("test",), "Bad", "why")])) == []


def test_a_resource_whose_controls_are_not_written_is_an_error() -> None:
    stack = Stack("test", {"Resources": {"Key1A2B3C4D": {"Type": "AWS::KMS::Key"}}})
    (line,) = errors([stack], [], team=())
    assert line == (
        "test: Key has controls that are not checked (KMS.3 to KMS.5): write them in tools/security/"
    )


def test_what_is_said_of_the_bootstrap_repository_is_so_in_the_pinned_cli() -> None:
    template, problems = decode(str(BOOTSTRAP))
    assert not problems
    repository = template["Resources"]["ContainerAssetsRepository"]["Properties"]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert "ImageScanningConfiguration" not in repository
