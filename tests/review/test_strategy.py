"""Test that a change of strategy which takes two deploys is not reviewed as one."""

from typing import Any

import pytest

from infra.parameters import BlueGreen, Canary, Rolling
from tests.infra.configured import template_of
from tools.review.strategy import reasons


def template(deployment: Any) -> dict[str, Any]:
    return dict(template_of(deployment=deployment).to_json())


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
