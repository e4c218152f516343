"""Test that docs/http.md says what the tests of the proxies prove."""

from pathlib import Path

from tests.proxies.requests import PROMISES
from workshop import http_page

TESTS = Path(__file__).parents[1] / "proxies"


def test_the_page_has_the_tables_of_the_tests() -> None:
    text = http_page.PAGE.read_text()
    assert text == http_page.page(text), "run `make docs`"


def test_each_promise_has_a_test_of_both_proxies() -> None:
    text = "".join(path.read_text() for path in TESTS.glob("test_*.py"))
    assert [each.test for each in PROMISES if f"def {each.test}(" not in text] == []
