"""Test docs/scale.md and its pictures, which are made by the plan."""

from PIL import Image

from tests.environments import ENVIRONMENTS
from tools.assembly import Template
from tools.plan.facts import every_fact
from workshop.scale_page import PAGE, page, pictures, plans


def test_the_page_has_the_figures_of_the_plan(made: dict[str, Template]) -> None:
    text = PAGE.read_text()
    assert page(text, plans(ENVIRONMENTS, made), made) == text, (
        "docs/scale.md is not current: run `make docs`"
    )


def test_the_pictures_of_the_page_are_those_of_the_plan(made: dict[str, Template]) -> None:
    for path, title in pictures(plans(ENVIRONMENTS, made)).items():
        with Image.open(path) as image:
            assert image.info["Title"] == title, f"{path.name} is not current: run `make docs`"
        assert f"images/{path.name}" in PAGE.read_text()


def test_every_number_has_a_page_and_a_date() -> None:
    for name, fact in every_fact().items():
        assert fact.source.startswith("https://"), name
        assert fact.of, name
