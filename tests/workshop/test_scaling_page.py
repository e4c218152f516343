"""Test docs/scaling.md and its pictures, which are made by the simulation."""

import pytest
from PIL import Image

from workshop import scaling_page as page


def test_the_page_has_the_figures_of_the_simulation() -> None:
    text = page.PAGE.read_text()
    assert page.page(text) == text, "docs/scaling.md is not current: run `make docs`"


def test_the_pictures_of_the_page_are_those_of_the_simulation() -> None:
    for path, title in page.titles().items():
        with Image.open(path) as image:
            assert image.info["Title"] == title, f"{path.name} is not current: run `make docs`"
        assert f"images/{path.name}" in page.PAGE.read_text()


def test_a_page_without_a_place_for_a_table_says_which() -> None:
    with pytest.raises(SystemExit, match="lacks the two comments between which its figures stand"):
        page.page("# Scaling\n")
