"""Test which findings are accepted: by an environment's choices, and by the team's register."""

import re
from pathlib import Path

import pytest

from infra.application import build_app
from infra.parameters import Environment
from infra.policy import EVERYWHERE, Accepted
from tests.infra.choices import DIFFERENT
from tools.accepted import by_choice, stale, told
from tools.choices import CHOICES, Choice
from tools.security.evaluation import errors, evaluate
from tools.security.stack import stacks

KIT = [accepted for environment in DIFFERENT for accepted in by_choice(environment)]


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise environments that choose differently."""
    folder = tmp_path_factory.mktemp("different")
    build_app(*DIFFERENT, outdir=str(folder)).synth()
    return folder


def test_every_choice_satisfies_security_hub_or_is_accepted(assembly: Path) -> None:
    made = stacks(assembly)
    assert len(made) == len(DIFFERENT)
    assert list(errors(made, evaluate(made, accepted=KIT), team=())) == []


def test_every_control_that_a_choice_accepts_is_found_somewhere(assembly: Path) -> None:
    found = {
        accepted
        for verdict in evaluate(stacks(assembly), accepted=KIT)
        for finding, _ in verdict.accepted
        for accepted in KIT
        if accepted.covers(verdict.control.id, verdict.environment, finding.resource)
    }
    accepted_rules = {(each.rule, each.resource) for each in KIT if "CKV" not in each.rule}
    assert {(each.rule, each.resource) for each in found} == accepted_rules


def test_some_environment_here_makes_each_choice() -> None:
    assert [choice for choice in CHOICES if not any(map(choice.when, DIFFERENT))] == []


@pytest.mark.parametrize(
    "choice",
    [each for each in CHOICES if each.when.__name__ != "_always"],
    ids=lambda choice: f"{choice.resource}: {choice.rules[0]}",
)
def test_a_choice_is_accepted_only_where_it_is_made(choice: Choice) -> None:
    assert not all(choice.when(environment) for environment in DIFFERENT)


def test_a_line_of_the_team_that_nothing_needs_is_stale() -> None:
    register = [Accepted("S3.13", ("test", "prod"), "Bucket", "why")]
    assert list(stale(register, [("S3.13", "test", "Bucket")])) == [
        "infra/accepted.py: S3.13 is not found at 'Bucket' in prod: remove it from there"
    ]


@pytest.mark.parametrize("environments", [EVERYWHERE, ("pr-*",)])
def test_a_line_for_a_pattern_of_environments_is_never_stale(environments: tuple[str, ...]) -> None:
    assert list(stale([Accepted("S3.13", environments, "Bucket", "why")], [])) == []


def test_what_is_accepted_is_told_once_for_all_environments() -> None:
    covered = [("ELB.6", name, "Balancer08F90A5C", "why") for name in ("dev", "staging")]
    assert list(told(covered)) == ["accepted: ELB.6 at Balancer in dev, staging: why"]


def test_a_reason_that_begins_with_a_parameter_names_one_that_exists() -> None:
    named = {
        choice.reason.split(" ")[0] for choice in CHOICES if re.match(r"[a-z_.]+ (is|has) ", choice.reason)
    }
    assert {"network.log_days", "tls_to_tasks"} <= named
    for dotted in named:
        assert any(_has(environment, dotted) for environment in DIFFERENT), dotted


def _has(environment: Environment, dotted: str) -> bool:
    value: object = environment
    for name in dotted.split("."):
        if not hasattr(value, name):
            return False
        value = getattr(value, name)
    return True
