"""Test the local page in a real browser while versions come and go."""

from pathlib import Path
from typing import Any

import pytest

from tests.local_cloud.browser import Browser, find_chromium
from tests.local_cloud.conftest import Dev
from tests.local_cloud.release import version
from tests.wait import wait_for

_TICKS = "[...document.querySelectorAll('#ticks li')].map(tick => ({...tick.dataset}))"
_COUNTS = "['answered', 'failed'].map(id => Number(document.getElementById(id).textContent))"


@pytest.fixture
def chromium() -> str:
    return find_chromium()


def test_the_page_shows_a_rolling_update_and_nothing_of_a_failed_one(
    dev: Dev, tmp_path: Path, chromium: str, report: list[str]
) -> None:
    dev.scaled(2)
    old = {task["version"] for task in dev.tasks}
    new = dev.make(tmp_path / "new", code="pass")
    broken = dev.make(tmp_path / "broken", code="raise RuntimeError('broken at import')")
    with Browser(chromium, tmp_path / "profile") as browser:

        def versions() -> set[Any]:
            return {tick["version"] for tick in browser.evaluate(_TICKS)}

        browser.open(dev.running.url)
        wait_for(lambda: versions() == old, "ticks of the old version")
        assert dev.roll_out(new) == 0
        wait_for(lambda: versions() == {*old, version(new)}, "ticks of both versions")
        wait_for(lambda: browser.evaluate(_TICKS)[-1]["version"] == version(new), "the new version")
        assert dev.roll_out(broken) == 1
        answered, failed = browser.evaluate(_COUNTS)
        ticks = browser.evaluate(_TICKS)
    report.append(f"page in Chromium: {answered} requests answered, {failed} failed")
    assert failed == 0
    assert answered > 10
    assert {tick["outcome"] for tick in ticks} == {"answered"}
    assert version(broken) not in {tick["version"] for tick in ticks}
    assert {task["id"] for task in dev.tasks} <= {tick["task"] for tick in ticks}
