"""A package called app, whose factory has arguments, goes into a clone; then its team writes environments.

Synth, suite and lint stay green, and no file of the kit is edited.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.checkout import ROOT, check_out
from tests.journeys.conftest import Journey, a_project, kits_files
from tests.journeys.edits import move_in
from tests.local_cloud.browser import Browser
from tests.template.repository import Repository

SHOP = Path(__file__).parent / "shop"
# No other test of the kit reads a team's rooms, which tests/repository checks; tests/app runs always.
SUITE = ("tests/project", "tests/repository", "tests/names")


@dataclass
class Seen:
    """Keep what a person saw on the way, and where it ended."""

    journey: Journey
    until_it_answers: tuple[list[str], list[str]] = ([], [])
    page: str = ""
    page_errors: list[str] = field(default_factory=list)
    summary: str = ""

    def template(self, name: str) -> dict[str, object]:
        """Return the template of an environment."""
        return dict(json.loads((self.journey.folder / "cdk.out" / f"Web-{name}.template.json").read_text()))


@pytest.fixture(scope="module")
def seen(browser: Browser, look: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Adopt, deploy, look; then write environments, a queue and an accepted finding, and synthesise."""
    clone = check_out(tmp_path_factory.mktemp("a team") / "our shop")
    # The kit's environments, so that this test is the same whatever the team of this checkout has written.
    shutil.copy(ROOT / "tests" / "environments.py", clone / "infra" / "environments.py")
    seen = Seen(journey := a_project(Repository(clone)))
    try:
        journey.make("adopt", f"FROM={SHOP}")
        journey.make("up", "PORT=0")
        seen.until_it_answers = ([*journey.commands], [*journey.written])
        seen.page = look(f"{journey.url}/")
        seen.page_errors = [*browser.errors]
    finally:
        said = journey.make("down")
    assert "Nothing is left." in said
    move_in(clone)
    seen.summary = journey.make("synth")
    return seen


def test_two_commands_and_no_file_by_hand_until_it_answers(seen: Seen) -> None:
    commands, written = seen.until_it_answers
    assert [command.split("=")[0] for command in commands] == ["make adopt FROM", "make up PORT"]
    assert written == []


def test_the_factory_gets_its_arguments(seen: Seen) -> None:
    assert "moin" in seen.page
    assert seen.page_errors == []


def test_only_rooms_of_the_team_are_edited(seen: Seen) -> None:
    assert kits_files(seen.journey) == []


def test_its_environments_are_synthesised_and_no_others(seen: Seen) -> None:
    made = {path.name for path in (seen.journey.folder / "cdk.out").glob("Web-*.template.json")}
    assert made == {f"Web-{name}.template.json" for name in ("staging", "prod", "eu-test")}
    assert "https://www.shop.dev" in seen.summary


@pytest.mark.parametrize("name", ["staging", "prod", "eu-test"])
def test_every_environment_has_the_queue_and_tells_the_app(seen: Seen, name: str) -> None:
    text = json.dumps(seen.template(name))
    assert '"Type": "AWS::SQS::Queue"' in text
    assert '{"Name": "QUEUE_URL", "Value": {"Ref": "Jobs' in text


def test_an_environment_is_added_in_its_own_region(seen: Seen) -> None:
    manifest = json.loads((seen.journey.folder / "cdk.out" / "manifest.json").read_text())
    assert manifest["artifacts"]["Web-eu-test"]["environment"] == "aws://unknown-account/eu-central-1"


def test_its_suite_is_green(seen: Seen) -> None:
    out = seen.journey.make("test", f"TESTS={' '.join(SUITE)}")
    assert " passed in " in out
    assert " skipped" not in out


def test_its_lint_is_green(seen: Seen) -> None:
    assert "Found" not in seen.journey.make("lint")  # it ends well, and names no fault of ruff's or mypy's
