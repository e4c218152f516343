"""The development server and debug mode end with one sentence, except where ENVIRONMENT is local."""

import subprocess
import sys

import pytest
from flask import Flask
from werkzeug.serving import make_server

from service import create_app
from service.settings import Settings
from tests.service.gunicorn_process import ROOT, free_port


def settings(environment: str) -> Settings:
    return Settings(environment=environment, version="1", proxy_hops=0)


def flask_run(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "service", *arguments],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


@pytest.mark.parametrize("arguments", [["run"], ["--debug", "run"], ["run", "--debug"]])
def test_flask_run_is_refused_with_what_to_do_instead(
    variables: dict[str, str], arguments: list[str]
) -> None:
    done = flask_run(variables, *arguments, "--port", str(free_port()))
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "the development server is for ENVIRONMENT=local only, this is ENVIRONMENT=test." in last
    assert "Start Gunicorn instead: gunicorn --config python:service.gunicorn_conf" in last
    assert "Traceback" not in done.stderr


def test_debug_mode_is_refused(variables: dict[str, str]) -> None:
    done = flask_run(variables, "--debug", "routes")
    assert done.returncode != 0
    assert "debug mode, which lets a visitor run code, is for ENVIRONMENT=local only" in done.stderr


def test_other_commands_of_flask_work(variables: dict[str, str]) -> None:
    assert "/version" in flask_run(variables, "routes").stdout


def test_app_run_is_refused() -> None:
    with pytest.raises(SystemExit, match="the development server is for ENVIRONMENT=local only"):
        create_app(settings("prod")).run()


def ask(app: Flask) -> list[str]:
    """The status that Werkzeug's server gets from the app, asked as that server does."""
    server = make_server("127.0.0.1", 0, app)
    statuses: list[str] = []
    try:
        environ = {"werkzeug.socket": server.socket, "PATH_INFO": "/version", "REQUEST_METHOD": "GET"}
        client = app.test_client()
        statuses.append(client.get("/version", environ_overrides=environ).status)
    finally:
        server.server_close()
    return statuses


def test_a_development_server_around_the_app_ends_at_its_first_request() -> None:
    with pytest.raises(SystemExit, match="the development server"):
        ask(create_app(settings("prod")))


def test_local_may_use_it() -> None:
    app = create_app(settings("local"))
    assert app.run.__func__ is Flask.run  # type: ignore[attr-defined] # a bound method
    assert ask(app) == ["200 OK"]
