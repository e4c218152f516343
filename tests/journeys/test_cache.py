"""docs/cache.md and docs/uploads.md, word for word, in one project.

Sessions and a Celery worker on a real Valkey, which survive `make down`, and files that a browser sends.
"""

import collections
import http.cookiejar
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.checkout import ROOT
from tests.journeys.conftest import Journey, made_project
from tests.journeys.test_data import DEV
from tests.template.repository import Repository
from tests.wait import wait_for
from tools.local_cloud.state import State

UPLOADS = (ROOT / "docs" / "uploads.md").read_text().partition("## What is promised")[0]
PAGE = (ROOT / "docs" / "cache.md").read_text().partition("## What the app gets")[0]


@dataclass
class Seen:
    """Keep what a visitor with cookies saw, and what was asked of the worker."""

    journey: Journey
    said: dict[str, str] = field(default_factory=dict)
    visits: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    photo: bytes = b""

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._visitor = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def ask(self, path: str, *, method: str = "GET") -> str:
        """Ask as the visitor does."""
        request = urllib.request.Request(f"{self.journey.url}{path}", method=method)
        with self._visitor.open(request, timeout=20) as answer:
            return str(answer.read().decode().strip())

    def send_files(self) -> None:
        """Send a photo, one that is too large, one of another type, and one under another name."""
        form = json.loads(self.ask("/photos?type=image/png", method="POST"))
        for size, changed in (
            (1000, {}),
            (1024 * 1024 + 1, {}),
            (1000, {"Content-Type": "text/html"}),
            (1000, {"key": "photos/another"}),
        ):
            self.files.append(_send(form["url"], {**form["fields"], **changed}, b"p" * size))
        name = form["fields"]["key"].partition("/")[2]
        with self._visitor.open(f"{self.journey.url}/photos/{name}", timeout=20) as answer:
            self.photo = answer.read()

    def leave_sums(self, first: int, count: int) -> None:
        """Leave sums to the worker."""
        for each in range(first, first + count):
            self.asked[self.ask(f"/sums/{each}/1", method="POST")] = str(each + 1)

    def done(self) -> collections.Counter[str]:
        """Count the lines that the workers have written about each sum."""
        logs = State(self.journey.folder / ".local").logs.glob("*-celery.log")
        lines = [line for log in logs for line in log.read_text().splitlines(keepends=True)]
        said = (json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n"))
        sums = (str(each["message"]) for each in said if each.get("logger") == "shop.sums")
        return collections.Counter(each.rpartition(" ")[2] for each in sums)


def _send(url: str, fields: dict[str, str], file: bytes) -> int:
    """Send a form with a file as a browser does; return what S3 answers."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    last = '--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = "".join([*parts, last]).encode() + file + b"\r\n--edge--\r\n"
    request = urllib.request.Request(url, body, {"Content-Type": "multipart/form-data; boundary=edge"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(scope="module")
def seen(kit: Repository, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Write what the page says, give its commands in their order, and leave work meanwhile."""
    packages, choice = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    settings, app, module = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    [block] = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    package, bucket = re.findall(r"```text\n(.*?)```", UPLOADS, re.DOTALL)
    [photos] = re.findall(r"```python\n(.*?)```", UPLOADS, re.DOTALL)
    with made_project(kit, tmp_path_factory.mktemp("a team")) as journey:
        seen = Seen(journey)
        for old in (journey.folder / "service" / "app").glob("*.py"):
            old.unlink()
        (journey.folder / "service" / "src" / "shop").mkdir()
        journey.write("service/requirements.in", f"flask\n{packages}{package}")
        journey.write("service/app/settings.py", settings)
        registered = "    app.register_blueprint(photos.blueprint)\n    return app\n"
        app = app.replace("from shop import sums", "from shop import photos, sums")
        journey.write("service/app/__init__.py", app.replace("    return app\n", registered))
        journey.write("service/src/shop/photos.py", photos)
        journey.write("service/src/shop/sums.py", module)
        environments = journey.folder / "infra" / "environments.py"
        text = environments.read_text().replace(DEV, f"{DEV}{choice}{bucket}", 1)
        names = "    Pipeline,\n    Uploads,\n    Valkey,\n    Worker,\n"
        environments.write_text(text.replace("    Pipeline,\n", names, 1))
        for command in re.findall(r"\$ make (.*)", block):
            if command == "deploy LOCAL=1":
                # More than are done when the old worker is told to stop.
                seen.leave_sums(100, 40)
                journey.write("service/src/shop/sums.py", f"{module}\n# the next version\n")
            seen.said[command] = journey.make(*command.split(), *(["PORT=0"] if command == "up" else []))
            if command == "up":
                seen.visits.append(seen.ask("/visits", method="POST"))
            if command == "deploy LOCAL=1":
                wait_for(lambda: {*seen.asked.values()} <= seen.done().keys(), "all sums", within_s=90)
                seen.results = {id: seen.ask(f"/sums/{id}") for id in seen.asked}
                seen.send_files()
        yield seen


def test_a_visitor_is_remembered_after_make_down(seen: Seen) -> None:
    assert "The data of dev is kept" in seen.said["down"]
    assert seen.visits == ["1", "2"]


def test_celery_loses_no_work_in_a_rolling_update(seen: Seen) -> None:
    assert len(seen.asked) == 40
    assert seen.results == seen.asked


def test_celery_does_no_work_twice_in_a_rolling_update(seen: Seen) -> None:
    assert {*seen.done().values()} == {1}


def test_a_browser_sends_a_file_past_the_app(seen: Seen) -> None:
    assert seen.files[0] == 204
    assert seen.photo == b"p" * 1000


def test_a_file_that_is_too_large_of_another_type_or_name_is_refused(seen: Seen) -> None:
    assert seen.files[1:] == [400, 403, 403]


def test_the_bucket_goes_with_its_files(seen: Seen) -> None:
    assert "Nothing is left." in seen.said["down"]


def test_data_delete_deletes_it(seen: Seen) -> None:
    assert "is kept" not in seen.said["down DATA=delete"]
    assert not (seen.journey.folder / ".local" / "cache" / "dev").exists()
