"""ihatemoney, as its authors publish it, goes in by one command and answers after the next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.conftest import Journey, kits_files, made_project, source_of
from tests.local_cloud.browser import Browser
from tests.template.repository import Repository
from tests.wait import wait_for

# Its own default. Tasks here share this machine's /tmp, as tasks in AWS would share a database.
DATABASE = Path("/tmp/ihatemoney.db")
CHANGED = Path("service/kit/health.py")
FILL_IN = """
(form => {
  for (const [name, value] of Object.entries(%s)) { form.elements[name].value = value; }
  form.submit();
})(document.querySelector("form[action='/create']"))
"""


@dataclass
class Seen:
    """Keep what a person saw on the way."""

    journey: Journey
    until_it_answers: tuple[list[str], list[str]] = ([], [])
    page: str = ""
    page_errors: list[str] = field(default_factory=list)
    project: str = ""
    update: str = ""
    kits_files: list[str] = field(default_factory=list)
    tasks: tuple[set[str], set[str]] = (set(), set())
    project_later: str = ""
    later_errors: list[str] = field(default_factory=list)
    tests: str = ""
    lint: str = ""


@pytest.fixture(scope="module")
def _no_database_stays() -> Iterator[None]:
    """Remove the database at the end, if it was not there before."""
    was_there = DATABASE.exists()
    yield
    if not was_there:
        DATABASE.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def seen(
    kit: Repository,
    browser: Browser,
    look: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
    _no_database_stays: None,
) -> Iterator[Seen]:
    """Adopt, deploy, log in, update the kit, deploy again, and look again."""
    source = source_of("ihatemoney", tmp_path_factory.mktemp("theirs"))
    with made_project(kit, tmp_path_factory.mktemp("a team")) as journey:
        seen = Seen(journey)
        journey.make("adopt", f"FROM={source}")
        journey.make("up", "PORT=0")
        seen.until_it_answers = ([*journey.commands], [*journey.written])
        seen.page = look(f"{journey.url}/")
        seen.page_errors = [*browser.errors]
        seen.project = _create_a_project(browser)
        journey.repository.commit("Our app")
        seen.kits_files = kits_files(journey)
        _release_the_kit(kit)
        seen.update = journey.make("update")
        journey.repository.commit("The kit's next version")
        before = journey.tasks
        journey.make("deploy", "LOCAL=1")
        seen.tasks = (before, journey.tasks)
        seen.project_later = look(browser.evaluate("location.href"))
        seen.later_errors = [*browser.errors]
        seen.tests = journey.make("test")
        seen.lint = journey.make("lint")
        yield seen


def _create_a_project(browser: Browser) -> str:
    """Create a project, which logs its creator in; return the text of its page."""
    name = f"trip-{uuid4().hex[:8]}"
    values = {"name": name, "password": "tested here", "contact_email": "ann@example.com"}
    browser.evaluate(FILL_IN % values)
    wait_for(lambda: name in str(browser.evaluate("location.pathname")), "the page of the project")
    wait_for(lambda: browser.evaluate("document.readyState") == "complete", "all of the page")
    return str(browser.evaluate("document.body.innerText"))


def _release_the_kit(kit: Repository) -> None:
    (kit.folder / CHANGED).write_text((kit.folder / CHANGED).read_text() + "\n\n# Version 1.1.0.\n")
    kit.commit("The next version")
    kit.git("tag", "v1.1.0")


def test_two_commands_and_no_file_by_hand_until_it_answers(seen: Seen) -> None:
    commands, written = seen.until_it_answers
    assert [command.split("=")[0] for command in commands] == ["make adopt FROM", "make up PORT"]
    assert written == []


def test_its_page_is_all_there_in_a_browser(seen: Seen) -> None:
    assert "Manage your shared expenses" in " ".join(seen.page.split())
    assert seen.page_errors == []


def test_its_migrations_run_as_release_command(seen: Seen) -> None:
    environments = (seen.journey.folder / "infra" / "environments.py").read_text()
    assert (
        'release_command=("flask", "db", "upgrade", "--directory", "ihatemoney/migrations")' in environments
    )
    logs = (seen.journey.folder / ".local" / "logs").glob("*-release.log")
    assert any("alembic.runtime.migration" in log.read_text() for log in logs)


def test_no_file_of_the_kit_is_changed(seen: Seen) -> None:
    assert seen.kits_files == []


def test_an_update_of_the_kit_has_no_conflict(seen: Seen) -> None:
    assert "The kit is at 1.1.0" in seen.update
    assert "conflict" not in seen.update
    assert "# Version 1.1.0." in (seen.journey.folder / CHANGED).read_text()


def test_a_login_survives_a_rolling_update(seen: Seen) -> None:
    before, after = seen.tasks
    assert before
    assert after
    assert before & after == set()
    assert "Add the first participant" in seen.project
    assert "Add the first participant" in seen.project_later
    assert seen.later_errors == []


def test_its_suite_is_green(seen: Seen) -> None:
    assert seen.tests.count(" passed") == 2
    assert " failed" not in seen.tests


def test_its_lint_is_green(seen: Seen) -> None:
    assert "accepted: " in seen.lint  # as far as the templates
    assert "Found" not in seen.lint  # no fault of ruff's or mypy's
