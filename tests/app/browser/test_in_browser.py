"""Yours: test the pages in a real, headless Chromium, served by a real Gunicorn."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.local_cloud.browser import Browser, find_chromium
from tests.service.gunicorn_process import Server
from tests.wait import wait_for


@pytest.fixture(scope="module")
def site(started: Callable[..., Server]) -> str:
    return f"http://127.0.0.1:{started(PROXY_HOPS='0').port}"


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(find_chromium(), tmp_path / "profile") as opened:
        yield opened


def text(browser: Browser, name: str) -> str:
    return str(browser.evaluate(f"document.getElementById('{name}')?.textContent ?? ''"))


def test_the_page_fills_itself_without_reload(site: str, browser: Browser) -> None:
    browser.open(site)
    wait_for(lambda: text(browser, "answered") not in {"", "0"}, "a first answer")
    wait_for(lambda: text(browser, "health") == "ready", "the health")
    assert text(browser, "failed") == "0"
    assert text(browser, "version") == "abc123"
    browser.evaluate("summarise()")
    assert "0 failed. Tasks: 1, versions: 1. Health: ready." in text(browser, "summary")
    busy, share = browser.evaluate("[...document.querySelectorAll('#tasks meter')].map(each => each.value)")
    assert 0 < busy <= 100, "the request that asks is itself in a slot"
    assert share == 100


def test_the_page_can_be_paused_by_keyboard(site: str, browser: Browser) -> None:
    browser.open(site)
    wait_for(lambda: text(browser, "answered") not in {"", "0"}, "a first answer")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.id") == "pause"
    browser.press("Enter")
    assert (text(browser, "state"), browser.evaluate("stopped()")) == ("paused", True)
    browser.press("Enter")
    assert (text(browser, "state"), browser.evaluate("stopped()")) == ("live", False)


def test_the_page_follows_the_scheme_that_its_reader_prefers(site: str, browser: Browser) -> None:
    browser.open(site)
    wait_for(lambda: text(browser, "answered") not in {"", "0"}, "a first answer")
    grounds = []
    for scheme in ("light", "dark"):
        browser.prefers(scheme)
        grounds.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(246, 247, 249)", "rgb(14, 17, 22)"]


def test_the_interactive_page_reads_the_document_under_our_policy(site: str, browser: Browser) -> None:
    browser.open(f"{site}/api/v1/docs")
    wait_for(
        lambda: browser.evaluate("document.querySelectorAll('.opblock').length") >= 9, "the API's operations"
    )
