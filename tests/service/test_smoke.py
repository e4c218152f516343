"""Test that the smoke test finds development servers, and finds nothing wrong with the service."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.service.gunicorn_process import PATIENCE_S, ROOT, Server, free_port
from tests.wait import wait_for
from tools.smoke import __main__ as smoke_test

# Werkzeug's server around an app whose error shows itself only on a bad query.
DEVELOPMENT = """
import sys
from flask import Flask, request
app = Flask("dev")
@app.get("/healthz")
def healthz(): return "ok"
@app.errorhandler(404)
def nowhere(_): raise RuntimeError("secret")
app.run(port=int(sys.argv[1]), debug=sys.argv[2] == "debug", use_reloader=False)
"""
# The same behind a server of its own name, as a proxy would hide it.
DISGUISED = """
import sys
from wsgiref.simple_server import ServerHandler, make_server
from flask import Flask
from werkzeug.debug import DebuggedApplication
ServerHandler.server_software = "nginx"
app = Flask("dev")
@app.get("/healthz")
def healthz(): return "ok"
make_server("127.0.0.1", int(sys.argv[1]), DebuggedApplication(app, evalex=True)).serve_forever()
"""


def smoke(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -S: it needs the standard library alone.
    return subprocess.run(
        [sys.executable, "-S", "-m", "tools.smoke", f"http://127.0.0.1:{port}", *arguments],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server from its source, with arguments after the port; they end with the test."""
    servers: list[Server] = []

    def start(source: str, *arguments: str) -> Server:
        port, log = free_port(), tmp_path / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", source, str(port), *arguments], stdout=output, stderr=output
            )
        servers.append(Server(process, port, log, log))
        wait_for(servers[-1].answers, "the first answer")
        return servers[-1]

    yield start
    for server in servers:
        server.process.terminate()
        server.process.wait(PATIENCE_S)


def test_the_service_under_gunicorn_passes(started: Callable[..., Server]) -> None:
    done = smoke(started(GUNICORN_WORKERS="1").port)
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}


def test_files_of_the_project_that_are_served_are_found(tmp_path: Path, run: Callable[..., Server]) -> None:
    site = tmp_path / "site"
    (site / ".git").mkdir(parents=True)
    (site / "healthz").write_text("ok")
    (site / ".env").write_text("SECRET_KEY=a\n")
    (site / ".git" / "config").write_text("[core]\n\tbare = false\n")
    # Through a route of its own: Flask's static files fail on a NUL, which is another fault.
    source = """
import sys
from pathlib import Path
from flask import Flask, abort
app = Flask("one")
@app.get("/<path:name>")
def file(name):
    there = "\\0" not in name and Path(sys.argv[2], name).is_file()
    return Path(sys.argv[2], name).read_text() if there else abort(404)
app.run(port=int(sys.argv[1]))
"""
    server = run(source, str(site))
    done = smoke(server.port)
    assert done.returncode == 1
    assert (
        "FAULT  no file of the project is served: /.env and /.git/config is there for everybody"
        in done.stdout
    )


def test_a_page_for_every_path_is_no_file_of_the_project(run: Callable[..., Server]) -> None:
    page = "app.get('/<path:_>')(lambda _: '<html>ok</html>'); app.run(port=int(sys.argv[1]))"
    done = smoke(run(f"import sys; from flask import Flask; app = Flask('one'); {page}").port)
    assert "ok     no file of the project is served" in done.stdout


def test_the_development_server_is_found_by_its_name(run: Callable[..., Server]) -> None:
    done = smoke(run(DEVELOPMENT, "plain").port)
    assert done.returncode == 1
    assert "FAULT  the server is not the development server: the Server header says Werkzeug/" in done.stdout
    assert "FAULT  a request that is wrong is not a server error: GET /no-such-page" in done.stdout
    assert "ok     no debugger serves its script" in done.stdout


def test_its_debugger_is_found_by_what_it_serves_and_shows(run: Callable[..., Server]) -> None:
    done = smoke(run(DEVELOPMENT, "debug").port)
    assert done.returncode == 1
    for fault in (
        "no debugger serves its script",
        "no debugger has a console",
        "an error shows no traceback",
    ):
        assert f"FAULT  {fault}: " in done.stdout


def test_a_debugger_is_found_behind_a_server_of_another_name(run: Callable[..., Server]) -> None:
    done = smoke(run(DISGUISED).port)
    assert done.returncode == 1
    assert "ok     the server is not the development server" in done.stdout
    assert "FAULT  no debugger serves its script: its debugger lets a visitor run code" in done.stdout


def test_a_service_that_is_not_healthy_is_a_fault_that_says_where_to_look(
    started: Callable[..., Server],
) -> None:
    server = started(GUNICORN_WORKERS="1")
    done = smoke(server.port, "--health-path", "/nowhere", "--timeout", "0")
    assert done.returncode == 1
    assert "FAULT  /nowhere is healthy: 404 instead of 200: the tasks' log says why" in done.stdout


def test_nobody_there_is_neither_good_nor_bad() -> None:
    done = smoke(free_port(), "--timeout", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "does not answer after 0 s: [Errno 111] Connection refused" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--timeout", "soon"], "'soon' is not a number of seconds"),
        (["--health-path", "x"], "'x' is not a path"),
    ],
)
def test_wrong_arguments_are_told(arguments: list[str], says: str) -> None:
    done = smoke(1, *arguments)
    assert done.returncode == 2
    assert says in done.stderr


@pytest.mark.parametrize(
    "url", ["www.example.com", "ftp://a", "https://a/path", "https://u:p@a", "http://[", "http://a:x"]
)
def test_only_an_origin_is_a_url(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.smoke", url], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"'{url}' is not scheme, host and port alone" in done.stderr


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ([200, 200, 200, 200], None),
        ([200, 503, 200, 503], None),
        ([200, 503, 503, 200], "/healthz is answered 503"),
        ([200, 200, 503, 0], "no route"),
    ],
)
def test_a_service_that_is_to_stay_healthy_may_miss_one_answer_and_not_two(
    monkeypatch: pytest.MonkeyPatch, statuses: list[int], reason: str | None
) -> None:
    left, waited = iter(statuses), list[float]()

    def ask(_origin: str, _path: str) -> SimpleNamespace:
        status = next(left)
        if not status:
            raise OSError("no route")
        return SimpleNamespace(status=status)

    monkeypatch.setattr(smoke_test, "ask", ask)
    found = smoke_test.stays_healthy("http://x", "/healthz", 60, wait=waited.append)
    assert found == reason
    assert set(waited) == {15}
