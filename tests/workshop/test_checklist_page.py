"""Test that the page of prerequisites is made from the checks of `make doctor`."""

from workshop.checklist_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "run `make docs`"
