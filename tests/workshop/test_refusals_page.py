"""Test that the page of what AWS refuses is made from the rules."""

from workshop.refusals_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"
