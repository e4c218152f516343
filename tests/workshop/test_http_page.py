"""Test that docs/http.md says what the tests of the proxies prove."""

from workshop import http_page


def test_the_page_has_the_tables_of_the_tests() -> None:
    text = http_page.PAGE.read_text()
    assert text == http_page.page(text), "run `make docs`"
