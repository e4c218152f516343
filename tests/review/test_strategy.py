"""Test that a change of strategy or of TLS which takes several deploys is not reviewed as one."""

from itertools import pairwise
from typing import Any

import pytest

from infra.parameters import BlueGreen, Canary, Rolling
from tests.infra.configured import template_of
from tools.review.strategy import reasons
from tools.review.verdict import Pair, judgements


def template(deployment: Any, *, tls: bool = False) -> dict[str, Any]:
    return dict(template_of(deployment=deployment, tls_to_tasks=tls).to_json())


ROLLING, PREPARED, BESIDE = (template(each) for each in (Rolling(), Rolling(alternate=True), BlueGreen()))


@pytest.mark.parametrize(("old", "new"), [(ROLLING, BESIDE), (BESIDE, ROLLING)])
def test_both_at_once_is_dangerous_and_says_what_to_do(old: dict[str, Any], new: dict[str, Any]) -> None:
    (reason,) = reasons(old, new)
    assert reason.level == "dangerous"
    assert "Rolling(alternate=True) first" in reason.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ROLLING, PREPARED),
        (PREPARED, BESIDE),
        (BESIDE, PREPARED),
        (PREPARED, ROLLING),
        (BESIDE, template(Canary())),
    ],
)
def test_one_step_after_the_other_is_not(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert list(reasons(old, new)) == []


TO_TLS = (
    ROLLING,
    template(Rolling(tls_change="prepare")),
    template(Rolling(tls_change="move"), tls=True),
    template(Rolling(), tls=True),
)


def test_tls_to_the_tasks_at_once_is_dangerous_and_says_what_to_do() -> None:
    (reason,) = reasons(ROLLING, TO_TLS[-1])
    assert reason.level == "dangerous"
    assert 'Rolling(tls_change="prepare") first' in reason.text


def test_each_of_its_three_steps_needs_eyes_and_is_not_dangerous() -> None:
    there = list(pairwise(TO_TLS))
    assert [each for step in there for each in reasons(*step)] == []
    found = judgements([Pair(old, new) for old, new in there])
    assert [each.verdict for each in found] == ["look", "look", "look"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Steps that are left out.
        (ROLLING, TO_TLS[2]),
        (TO_TLS[1], TO_TLS[3]),
        (ROLLING, TO_TLS[3]),
    ],
)
def test_to_leave_a_step_out_is_dangerous(old: dict[str, Any], new: dict[str, Any]) -> None:
    (found,) = judgements([Pair(old, new)])
    assert found.verdict == "dangerous"
