"""docs/data.md, word for word: from nothing to a migrated table in dev, whose data survives `make down`.

On the way the password is rotated under load. The app has one line that the page has not: it opens a
connection for each request, so that none is answered by one of before the rotation.
"""

import contextlib
import http.client
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest

from tests.checkout import ROOT
from tests.journeys.conftest import Journey, made_project
from tests.template.repository import Repository
from tests.wait import wait_for
from tools.local_cloud import running, services
from tools.local_cloud.state import State

PAGE = (ROOT / "docs" / "data.md").read_text().partition("## What the app gets")[0]
POOLED = "db = SQLAlchemy(model_class=Base)"
NOT_POOLED = 'db = SQLAlchemy(model_class=Base, engine_options={"poolclass": NullPool})'
DEV = 'DEV = Environment(\n    name="dev",\n'


@dataclass
class Seen:
    """Keep what a person saw on the way."""

    journey: Journey
    said: dict[str, str] = field(default_factory=dict)
    guests: str = ""
    psql: str = ""
    answers: list[str] = field(default_factory=list)
    users: list[set[str]] = field(default_factory=list)


@dataclass
class Load:
    """Readers of the guest book, who count what they are answered."""

    url: str
    answers: list[str] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(4)]
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for each in self._threads:
            each.join()

    def _read(self) -> None:
        while not self._ends.wait(0.02):
            try:
                self.answers.append(_ask(f"{self.url}/guests"))
            except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
                self.answers.append(repr(error))


def _users(journey: Journey) -> set[str]:
    """Return whom the tasks that serve log in as."""
    found = set()
    for task in running.tasks(State(journey.folder / ".local")):
        for process in task["processes"] if task["status"] == "RUNNING" else ():
            with contextlib.suppress(psutil.Error):  # it has just ended
                login = psutil.Process(process["pid"]).environ().get("DATABASE_LOGIN")
                found |= {json.loads(login)["username"]} if login else set()
    return found


def _rotate(journey: Journey) -> None:
    """Have the password rotated, and wait until the tasks of before have left."""
    cloud = running.required(State(journey.folder / ".local")).cloud
    vault = cloud.client("secretsmanager")

    def deployments() -> list[dict[str, Any]]:
        [service] = services.deployed(cloud)
        return list(service["deployments"])

    before = {each["id"] for each in deployments()}
    [secret] = [each["ARN"] for each in vault.list_secrets()["SecretList"] if each.get("RotationEnabled")]
    vault.rotate_secret(SecretId=secret)
    wait_for(
        lambda: not before & {each["id"] for each in deployments()},
        "new tasks after a rotation",
        within_s=120,
    )
    wait_for(
        lambda: len(_users(journey)) == 1 and len(journey.tasks) == 1, "the old tasks to leave", within_s=60
    )


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
        assert POOLED in app
        app = app.replace(POOLED, NOT_POOLED)
        app = app.replace("from sqlalchemy.orm", "from sqlalchemy import NullPool\nfrom sqlalchemy.orm")
        journey.write("service/app/__init__.py", app)
        _to_dev(journey, database)
        _give(seen, commands[0])
        _to_dev(journey, release)
        for number, command in enumerate(commands[1]):
            _give(seen, [command])
            if number == 0:
                _ask(f"{journey.url}/guests/Ada", method="POST")
                seen.psql = journey.make("psql", "LOCAL=1", "SQL=select name from guest")
                with Load(journey.url) as load:
                    for _ in range(2):
                        _rotate(journey)
                        seen.users.append(_users(journey))
                seen.answers = load.answers
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


def test_psql_opens_the_local_clouds_own_postgresql(seen: Seen) -> None:
    assert re.search(r"^ Ada$", seen.psql, re.MULTILINE)


def test_two_rotations_of_the_password_under_load_fail_no_request(seen: Seen) -> None:
    assert seen.users == [{"app_clone"}, {"app"}]
    assert len(seen.answers) > 100
    assert [each for each in seen.answers if each != "Ada\n"] == []


def test_the_data_survives_make_down(seen: Seen) -> None:
    assert "The data of dev is kept" in seen.said["down"]
    assert seen.guests == "Ada\n"


def test_data_delete_deletes_it(seen: Seen) -> None:
    assert "is kept" not in seen.said["down DATA=delete"]
    assert not (seen.journey.folder / ".local" / "database" / "dev").exists()
