"""Test that the development server and debug mode end with one sentence, unless ENVIRONMENT is local."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from service.kit import Settings
from tests.service.gunicorn_process import PATIENCE_S, Server, free_port
from tests.service.installed import installed
from tests.wait import wait_for


def settings(environment: str) -> Settings:
    return Settings(environment=environment, version="1", proxy_hops=0)


FlaskCommand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def flask_command(variables: dict[str, str], checkout: Path) -> FlaskCommand:
    """Run Flask's own command line on the app."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "service", *arguments],
            cwd=checkout,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    return run


@pytest.mark.parametrize("arguments", [["run"], ["--debug", "run"], ["run", "--debug"]])
def test_flask_run_is_refused_with_what_to_do_instead(
    flask_command: FlaskCommand, arguments: list[str]
) -> None:
    done = flask_command(*arguments, "--port", str(free_port()))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "the development server is for ENVIRONMENT=local only, this is ENVIRONMENT=test." in last
    assert "Start Gunicorn instead: gunicorn --config python:service.gunicorn_conf" in last
    assert "Traceback" not in done.stderr


def test_debug_mode_is_refused(flask_command: FlaskCommand) -> None:
    done = flask_command("--debug", "routes")
    assert done.returncode != 0
    assert "debug mode, which lets a visitor run code, is for ENVIRONMENT=local only" in done.stderr


def test_other_commands_of_flask_work(flask_command: FlaskCommand) -> None:
    assert "/orders/<int:number>" in flask_command("routes").stdout


def test_app_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        installed(settings("prod")).run()
    assert "the development server is for ENVIRONMENT=local only" in capsys.readouterr().err


RUN = "from werkzeug.serving import run_simple; run_simple('127.0.0.1', PORT, app"
SERVERS = {
    "plain": f"{RUN})",
    "in threads": f"{RUN}, threaded=True)",
    "debugger": f"{RUN}, use_debugger=True)",
}


@pytest.mark.parametrize("source", SERVERS.values(), ids=SERVERS)
def test_a_development_server_around_the_app_ends_at_its_first_health_check(
    variables: dict[str, str], checkout: Path, tmp_path: Path, source: str
) -> None:
    port, said = free_port(), tmp_path / "stderr"
    code = f"from service import create_app; app = create_app(); {source.replace('PORT', str(port))}"
    with said.open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-c", code], cwd=checkout, env=variables, stderr=stderr)
    server = Server(process, port, said, said)
    try:
        wait_for(lambda: server.answers() or process.poll() is not None, "an end")
        assert process.wait(PATIENCE_S) != 0
    finally:
        process.kill()
        process.wait(PATIENCE_S)
    assert "the development server is for ENVIRONMENT=local only" in said.read_text()


WRAPPED = "app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True)"
DEBUGGERS = {
    "around the app": f"from werkzeug.debug import DebuggedApplication; {WRAPPED}",
    "turned on later": "app.debug = True",
}


@pytest.mark.parametrize("source", DEBUGGERS.values(), ids=DEBUGGERS)
def test_gunicorn_with_a_debugger_ends_at_its_first_health_check(
    launch: Callable[..., Server], tmp_path: Path, source: str
) -> None:
    (tmp_path / "debugged.py").write_text(f"from service import create_app\napp = create_app()\n{source}\n")
    server = launch("debugged:app", PYTHONPATH=str(tmp_path), GUNICORN_WORKERS="1")
    wait_for(lambda: server.answers() or server.process.poll() is not None, "an end")
    assert server.process.wait(PATIENCE_S) == 3
    (line,) = server.lines_with(logger="stderr")
    assert "debug mode, which lets a visitor run code, is for ENVIRONMENT=local only" in line["message"]


def test_a_variable_that_turns_debugging_on_stops_gunicorn(launch: Callable[..., Server]) -> None:
    server = launch(GUNICORN_WORKERS="1", FLASK_DEBUG="1")
    assert server.process.wait(PATIENCE_S) != 0
    (line,) = server.lines_with(logger="stderr")
    assert "debug mode, which lets a visitor run code" in line["message"]


def test_tests_of_the_app_are_served() -> None:
    assert installed(settings("prod")).test_client().get("/version").status_code == 200


def test_local_may_use_it() -> None:
    app = installed(settings("local"))
    assert app.run.__func__ is Flask.run  # type: ignore[attr-defined] # a bound method
    environ = {"werkzeug.socket": None}
    assert app.test_client().get("/version", environ_overrides=environ).status_code == 200
