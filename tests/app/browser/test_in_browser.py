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


# WCAG 2.2, "contrast ratio" and "relative luminance".
CONTRAST = """
(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    if ((parts(colour)[3] ?? 1) === 1) return colour;
    return element.parentElement ? ground(element.parentElement) : "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll(SELECTOR)].map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
})()
"""


def test_the_interactive_page_can_be_read_and_touched_by_everybody(site: str, browser: Browser) -> None:
    browser.open(f"{site}/api/v1/docs")
    wait_for(
        lambda: browser.evaluate("document.querySelectorAll('.opblock').length") >= 9, "the API's operations"
    )
    shown = ".opblock-summary-method, .info .version, .info .url, .opblock-summary-path a"
    contrasts = browser.evaluate(CONTRAST.replace("SELECTOR", f"'{shown}'"))
    assert len(contrasts) > 20
    assert min(contrasts) >= 4.5
    heights = browser.evaluate(
        "[...document.querySelectorAll('.opblock-summary-path a')]"
        ".map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24


def test_the_page_does_not_move_while_it_fills(site: str, browser: Browser) -> None:
    browser.open(site)
    wait_for(lambda: browser.evaluate("typeof every") == "function", "the script")
    browser.evaluate(
        "window.shift = 0; new PerformanceObserver((list) => { for (const each of list.getEntries())"
        " window.shift += each.value; }).observe({ type: 'layout-shift', buffered: true })"
    )
    # More answers than there are ticks, faster than they would come.
    browser.evaluate("for (let number = 0; number < 90; number += 1) ask()")
    wait_for(lambda: int(text(browser, "answered")) > 90, "the answers")
    assert browser.evaluate("document.querySelectorAll('#ticks li').length") == 60
    assert browser.evaluate("window.shift") < 0.1, "Google calls up to 0.1 good (web.dev/cls)"


def test_no_resource_of_the_pages_is_blocked_or_missing(site: str, browser: Browser) -> None:
    for path in ("/", "/api/v1/docs"):
        browser.open(f"{site}{path}")
        wait_for(lambda: browser.evaluate("document.readyState") == "complete", "the page")
    assert browser.errors == []
