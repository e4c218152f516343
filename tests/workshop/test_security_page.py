"""Test docs/security.md, which is made from the environments that the kit ships with."""

import re

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS
from tools.accepted import by_choice
from tools.security.controls import CONTROLS
from tools.security.evaluation import Verdict, errors, evaluate
from tools.security.stack import Stack, stacks
from workshop.security_page import PAGE, page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Stack]:
    """Return the shipped environments, as the controls read them."""
    folder = tmp_path_factory.mktemp("shipped")
    build_app(*ENVIRONMENTS, outdir=str(folder)).synth()
    return stacks(folder)


def judged(made: list[Stack]) -> list[Verdict]:
    return evaluate(made, accepted=[each for environment in ENVIRONMENTS for each in by_choice(environment)])


def test_every_shipped_environment_satisfies_every_control_or_says_why_not(made: list[Stack]) -> None:
    assert list(errors(made, judged(made), team=())) == []


def test_the_page_is_current(made: list[Stack]) -> None:
    assert PAGE.read_text() == page(made, judged(made)), "run `make docs`"


def test_production_has_no_exception_that_staging_has_not(made: list[Stack]) -> None:
    excepted = {
        name: {each.control.id for each in judged(made) if each.environment == name and each.accepted}
        for name in ("staging", "prod")
    }
    assert excepted["prod"] <= excepted["staging"]


def test_every_control_is_linked_to_its_page() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"\[([A-Za-z0-9]+\.\d+)\](?!:)", text))
    linked = set(re.findall(r"^\[([A-Za-z0-9]+\.\d+)\]: https://docs\.aws\.amazon\.com/", text, re.MULTILINE))
    assert {control.id for control in CONTROLS} <= linked
    assert named <= linked
