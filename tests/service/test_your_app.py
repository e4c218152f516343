"""Do what docs/your-app.md says, with the app of Flask's own tutorial."""

import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from service.kit import ServerSettings
from tests.service.gunicorn_process import ROOT, Server
from tests.service.installed import copy_kit
from tests.wait import wait_for

PAGE = (ROOT / "docs/your-app.md").read_text()
SOURCE = Path(sys.prefix) / "flask-source"


@pytest.fixture(scope="module")
def yours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the kit, and put in the tutorial's app and the code of the page."""
    app, folder = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("yours")
    package, settings, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (app / "__init__.py").write_text(package)
    (app / "settings.py").write_text(settings)
    copy_kit(folder, app=app)
    found = list(SOURCE.glob("flask-*.tar.gz"))
    assert found, f"Flask's source is not in {SOURCE}: run `make setup`"
    with tarfile.open(found[0]) as source:
        tutorial = f"{found[0].name.removesuffix('.tar.gz')}/examples/tutorial/"
        # File by file: the safe way to unpack a whole archive is missing in Python before 3.11.4.
        for each in source.getmembers():
            if each.name.startswith(f"{tutorial}flaskr/") and (content := source.extractfile(each)):
                path = folder / "service" / "src" / each.name.removeprefix(tutorial)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    return folder


@pytest.fixture(scope="module")
def server(yours: Path, started: Callable[..., Server], variables: dict[str, str]) -> Server:
    database = {"DATABASE": str(yours / "flaskr.sqlite")}
    secret = {"SECRET_KEY": "3f9c1d7e5b8a2046c1d7"}
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "service", "init-db"],
        cwd=yours,
        env={**variables, **database, **secret},
        check=True,
        capture_output=True,
    )
    return started(checkout=yours, **database, **secret)


def post(server: Server, path: str, cookie: str = "", **form: str) -> HTTPResponse:
    connection = server.connect()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", path, body=urlencode(form), headers={**headers, "X-Forwarded-Proto": "https"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_its_users_can_register_log_in_and_write(server: Server) -> None:
    assert post(server, "/auth/register", username="ann", password="pw").status == 302
    login = post(server, "/auth/login", username="ann", password="pw")
    cookie = login.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    written = post(server, "/create", cookie.split(";")[0], title="First", body="Hello")
    assert (written.status, written.headers["Location"]) == (302, "/")
    response, body = server.get("/")
    assert b"First" in body
    assert response.headers["Content-Security-Policy-Report-Only"].startswith("default-src 'self'")


def test_its_lines_name_its_routes(server: Server) -> None:
    server.get("/7/update", X_Request_ID="yours-1")
    (line,) = wait_for(lambda: server.lines_with(request_id="yours-1"), "the access line")
    assert (line["route"], line["path"]) == ("/<int:id>/update", "/7/update")


def test_its_errors_are_problems(server: Server) -> None:
    response, _ = server.get("/missing")
    assert (response.status, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_its_own_check_decides_whether_it_is_ready(server: Server, yours: Path) -> None:
    assert server.get("/readyz")[0].status == 200
    moved = (yours / "flaskr.sqlite").rename(yours / "moved.sqlite")
    try:
        wait_for(lambda: server.get("/readyz")[0].status == 503, "the check to fail")
        assert server.get("/healthz")[0].status == 200
    finally:
        moved.rename(yours / "flaskr.sqlite")


def test_a_setting_of_its_own_is_required(yours: Path, launch: Callable[..., Server]) -> None:
    refused = launch(checkout=yours)
    assert refused.process.wait(15) != 0
    assert "DATABASE is not set (allowed: path of the SQLite file)" in refused.stderr.read_text()


def test_the_page_names_every_setting() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+)(?:=[^`]*)?`", PAGE))
    ours = {name.upper() for name in ServerSettings.model_fields}
    set_by_ecs_or_refused = {"ECS_CONTAINER_METADATA_URI_V4", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS"}
    assert {name for name in ours - set_by_ecs_or_refused if not name.startswith("GUNICORN_")} <= named
