"""httpbin, an API with Swagger UI as its page, goes in as it is; `make csp` finds the policy of its page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.journeys.conftest import Journey, kits_files, made_project, source_of
from tests.local_cloud.browser import Browser
from tests.template.repository import Repository
from tests.wait import wait_for

SETTINGS = "service/app/settings.py"


@dataclass
class Seen:
    """Keep what a person saw on the way."""

    journey: Journey
    until_it_answers: tuple[list[str], list[str]] = ([], [])
    adopted: str = ""
    page: str = ""
    page_errors: list[str] = field(default_factory=list)
    kits_files: list[str] = field(default_factory=list)
    proposal: str = ""
    enforced: str = ""
    enforced_errors: list[str] = field(default_factory=list)
    tests: str = ""
    lint: str = ""


@pytest.fixture(scope="module")
def seen(
    kit: Repository, browser: Browser, look: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Adopt, deploy, look; enforce the policy that `make csp` proposes, deploy again, and look again."""
    source = source_of("httpbin", tmp_path_factory.mktemp("theirs"))
    with made_project(kit, tmp_path_factory.mktemp("a team")) as journey:
        seen = Seen(journey)
        seen.adopted = journey.make("adopt", f"FROM={source}")
        journey.make("up", "PORT=0")
        seen.until_it_answers = ([*journey.commands], [*journey.written])
        seen.page = _interactive(look, browser, journey.url)
        seen.page_errors = [*browser.errors]
        journey.repository.commit("Our app")
        seen.kits_files = kits_files(journey)
        seen.proposal = wait_for(lambda: _proposed(journey), "reports of the browser")
        _enforce(journey, seen.proposal)
        journey.make("deploy", "LOCAL=1")
        seen.enforced = _interactive(look, browser, journey.url)
        seen.enforced_errors = [*browser.errors]
        seen.tests = journey.make("test")
        seen.lint = journey.make("lint")
        yield seen


def _interactive(look: Callable[[str], str], browser: Browser, url: str) -> str:
    """Return the text of the page when its script has drawn the API."""
    look(f"{url}/")
    wait_for(lambda: browser.evaluate("document.querySelectorAll('.opblock-tag').length") > 5, "Swagger UI")
    return str(browser.evaluate("document.body.innerText"))


def _proposed(journey: Journey) -> str:
    """Return the lines of the proposed policy, as they are printed for the settings."""
    said = journey.make("csp", "LOCAL=1")
    found = re.search(
        r"^( {4}content_security_policy: str = \(\n(?: {8}\".*\"\n)+ {4}\)\n)", said, re.MULTILINE
    )
    # Chromium sends its reports together, a little later.
    return found[1] if found and "fonts.googleapis.com" in found[1] and "script-src" in found[1] else ""


def _enforce(journey: Journey, proposal: str) -> None:
    text = (journey.folder / SETTINGS).read_text()
    policy = f'{proposal}    csp: Literal["report", "enforce", "off"] = "enforce"\n'
    text = text.replace("from service.kit", "from typing import Literal\n\nfrom service.kit")
    journey.write(SETTINGS, f"{text.rstrip()}\n\n{policy}")


def test_two_commands_and_no_file_by_hand_until_it_answers(seen: Seen) -> None:
    commands, written = seen.until_it_answers
    assert [command.split("=")[0] for command in commands] == ["make adopt FROM", "make up PORT"]
    assert written == []


def test_a_package_that_the_code_imports_comes_from_the_extra_that_has_it(seen: Seen) -> None:
    assert "flasgger" in seen.adopted


def test_its_page_is_all_there_in_a_browser(seen: Seen) -> None:
    assert "A simple HTTP Request & Response Service" in seen.page
    assert seen.page_errors == []


def test_no_file_of_the_kit_is_changed(seen: Seen) -> None:
    assert seen.kits_files == []


def test_the_proposed_policy_enforced_blocks_nothing_on_its_page(seen: Seen) -> None:
    assert "https://fonts.googleapis.com" in seen.proposal
    assert "A simple HTTP Request & Response Service" in seen.enforced
    assert seen.enforced_errors == []


def test_its_suite_is_green(seen: Seen) -> None:
    assert seen.tests.count(" passed") == 2
    assert " failed" not in seen.tests


def test_its_lint_is_green(seen: Seen) -> None:
    assert "accepted: " in seen.lint  # as far as the templates
    assert "Found" not in seen.lint  # no fault of ruff's or mypy's
