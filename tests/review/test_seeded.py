"""Test the verdict on each seeded change, and that it holds in figures."""

from functools import cache

import pytest

from tests.review.seeded import reported
from tests.review.seeded.case import Case
from tools.review.reasons import VERDICTS
from tools.review.verdict import Judgement
from workshop import review_figures
from workshop.review_figures import CASES, figures
from workshop.review_page import PAGE


@cache
def judged() -> dict[str, Judgement]:
    """Ask about all of them at once: the diff engine takes a second to start."""
    return dict(zip((each.what for each in CASES), review_figures.judged(), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_the_change_gets_its_verdict_and_the_reason_for_it(case: Case) -> None:
    found = judged()[case.what]
    said = [f"{each.level} {each.kind}: {each.text}" for each in found.reasons]
    assert (found.verdict, found.has("widening")) == (case.verdict, case.wider), said
    assert any(case.says in each.text for each in found.reasons if each.level == case.verdict), said


def test_they_are_many_and_each_is_another_one() -> None:
    assert len({each.what for each in CASES}) == len(CASES) >= 250
    assert len({each.source for each in reported.CASES}) >= 60


def test_nothing_that_needs_eyes_is_called_safe() -> None:
    missed = [each.what for each in CASES if each.verdict != "safe" and judged()[each.what].verdict == "safe"]
    assert missed == []


def test_what_is_harmless_is_called_so() -> None:
    harmless = [each.what for each in CASES if each.verdict == "safe"]
    assert len(harmless) >= 60
    cried = [each for each in harmless if VERDICTS.index(judged()[each].verdict) > VERDICTS.index("safe")]
    assert cried == []


def test_figures_are_worked_out_as_everywhere() -> None:
    assert figures([True, True, False], [True, False, True]) == "precision 50.0%, recall 50.0%"


def test_the_page_has_the_figures_of_today() -> None:
    assert f"{len(CASES)} seeded changes, of which {len(reported.CASES)} happened to" in PAGE.read_text()
