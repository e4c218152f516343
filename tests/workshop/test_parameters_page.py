"""Test docs/parameters.md, which is made from the parameters themselves."""

from workshop.parameters_page import PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"
