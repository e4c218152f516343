"""docs/data.md, word for word: from nothing to a migrated table in dev, whose data survives `make down`."""

import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.checkout import ROOT
from tests.journeys.conftest import Journey, made_project
from tests.template.repository import Repository

PAGE = (ROOT / "docs" / "data.md").read_text().partition("## What the app gets")[0]
DEV = 'DEV = Environment(\n    name="dev",\n'


@dataclass
class Seen:
    """Keep what a person saw on the way."""

    journey: Journey
    said: dict[str, str] = field(default_factory=dict)
    guests: str = ""


def _ask(url: str, *, method: str = "GET") -> str:
    request = urllib.request.Request(url, method=method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return str(answer.read().decode())


def _to_dev(journey: Journey, line: str) -> None:
    path = journey.folder / "infra" / "environments.py"
    text = path.read_text().replace(DEV, f"{DEV}{line}", 1)
    if "    Postgres,\n" not in text:
        text = text.replace("    Pipeline,\n", "    Pipeline,\n    Postgres,\n", 1)
    path.write_text(text)


@pytest.fixture(scope="module")
def seen(kit: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Write what the page says, and give its commands in their order."""
    packages, database, release = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    settings, app = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    commands = [
        re.findall(r"\$ make (.*)", each) for each in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    ]
    with made_project(kit, tmp_path_factory.mktemp("a team")) as journey:
        seen = Seen(journey)
        for old in (journey.folder / "service" / "app").glob("*.py"):
            old.unlink()
        journey.write("service/requirements.in", f"flask\n{packages}")
        journey.write("service/app/settings.py", settings)
        journey.write("service/app/__init__.py", app)
        _to_dev(journey, database)
        _give(seen, commands[0])
        _to_dev(journey, release)
        for number, command in enumerate(commands[1]):
            _give(seen, [command])
            if number == 0:
                _ask(f"{journey.url}/guests/Ada", method="POST")
            if command == "up":
                seen.guests = _ask(f"{journey.url}/guests")
        yield seen


def _give(seen: Seen, commands: list[str]) -> None:
    for command in commands:
        words = [word.strip('"') for word in re.findall(r'\w+="[^"]*"|\S+', command)]
        words = [re.sub(r'="(.*)', r"=\1", word) for word in words]
        if words[0] == "up":
            words.append("PORT=0")
        seen.said[command] = seen.journey.make(*words)


def test_ten_commands_are_enough(seen: Seen) -> None:
    assert len(seen.journey.commands) <= 10


def test_the_release_command_has_made_the_table_as_the_apps_user(seen: Seen) -> None:
    assert re.search(r"public \| guest +\| table \| app", seen.said['db SQL="\\dt"'])


def test_the_data_survives_make_down(seen: Seen) -> None:
    assert "The data of dev is kept" in seen.said["down"]
    assert seen.guests == "Ada\n"


def test_data_delete_deletes_it(seen: Seen) -> None:
    assert "is kept" not in seen.said["down DATA=delete"]
    assert not (seen.journey.folder / ".local" / "database" / "dev").exists()
