"""docs/parameters.md says what the classes of parameters say."""

from tools.parameters import PAGE, page


def test_the_page_of_parameters_is_current() -> None:
    assert PAGE.read_text() == page()
