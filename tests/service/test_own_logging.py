"""Test that no way of an app to configure its log silences or unmasks what the service must say."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.service.gunicorn_process import Server
from tests.service.installed import copy_kit
from tests.wait import wait_for

APP = """
import logging, os, sys, traceback
import structlog
from flask import Flask, Response, request
from service.kit import Settings

def create_app(settings):
    exec(os.environ["CONFIGURE"])
    app = Flask(__name__)

    @app.get("/boom")
    def boom():
        raise RuntimeError("password=hunter2")

    @app.get("/late")
    def late():
        def fail():
            raise RuntimeError("after the view")
            yield ""

        return Response(fail())

    @app.get("/say")
    def say():
        exec(os.environ.get("SAY", ""))
        return ""

    return app
"""
# Flask's documentation, "Logging", basic configuration.
FLASK_DOCS = """
from logging.config import dictConfig
dictConfig({
    "version": 1,
    "formatters": {"default": {"format": "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"}},
    "handlers": {"wsgi": {"class": "logging.StreamHandler", "stream": "ext://flask.logging.wsgi_errors_stream",
                          "formatter": "default"}},
    "root": {"level": "INFO", "handlers": ["wsgi"]},
})
"""
WAYS = {
    "Flask's documentation": FLASK_DOCS,
    "dictConfig without a stream": FLASK_DOCS.replace(
        '"stream": "ext://flask.logging.wsgi_errors_stream",', ""
    ),
    "basicConfig": "logging.basicConfig(force=True, level='INFO')",
    "basicConfig to stdout": "logging.basicConfig(force=True, level='INFO', stream=sys.stdout)",
    "a file that is stdout": "logging.basicConfig(force=True, level='INFO', filename='/dev/stdout')",
    "no handler at all": "logging.root.handlers.clear()",
    "a handler beside the kit's": "logging.root.addHandler(logging.StreamHandler())",
    "a handler of the app's logger": "logging.getLogger('service.app').addHandler(logging.StreamHandler())",
    "Flask's default handler": "import flask.logging as f; logging.root.addHandler(f.default_handler)",
    "structlog": "structlog.configure(logger_factory=structlog.PrintLoggerFactory())",
}


@pytest.fixture(scope="module")
def with_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in which `service` is the kit with the app above."""
    app = tmp_path_factory.mktemp("app")
    (app / "__init__.py").write_text(APP)
    (app / "settings.py").write_text("from service.kit import Settings\n")
    return copy_kit(tmp_path_factory.mktemp("own"), app=app)


@pytest.fixture(scope="module")
def own(started: Callable[..., Server], with_app: Path) -> Callable[..., Server]:
    """Start the app, which runs this code before it makes its Flask app."""

    def start(configure: str, say: str = "") -> Server:
        return started(
            checkout=with_app,
            GUNICORN_WORKERS="1",
            CONFIGURE=textwrap.dedent(configure),
            SAY=textwrap.dedent(say),
        )

    return start


def ended(server: Server) -> str:
    """Stop the server, so that it writes its last metrics, and return all it has written."""
    server.process.terminate()
    server.process.wait(15)
    return server.stdout.read_text() + server.stderr.read_text()


def errors(server: Server) -> list[dict[str, Any]]:
    return [line for line in server.lines() if "RuntimeError" in str(line.get("exception"))]


@pytest.mark.parametrize("way", WAYS)
def test_metrics_access_lines_and_masking_outlast(own: Callable[..., Server], way: str) -> None:
    server = own(WAYS[way])
    server.get("/boom", X_Request_ID="r-1")
    wait_for(lambda: server.lines_with(message="request", status=500), "the access line")
    written = ended(server)
    assert "hunter2" not in written
    (error,) = errors(server)  # one line, though two handlers were asked to write it
    assert (error["request_id"], error["level"]) == ("r-1", "error")
    assert server.lines_with(message="metrics")[-1]["Responses5xx"] == 1
    assert server.stderr.read_text() == "", "every line is JSON on stdout"


@pytest.mark.parametrize(
    "switched_off",
    [
        "logging.disable(logging.CRITICAL)",
        FLASK_DOCS.replace('"version": 1', '"version": 1, "disable_existing_loggers": True'),
        "logging.root.setLevel(100)",
    ],
)
def test_metrics_and_access_lines_pass_no_logger(own: Callable[..., Server], switched_off: str) -> None:
    server = own(switched_off)
    server.get("/boom")
    wait_for(lambda: server.lines_with(message="request", status=500), "the access line")
    ended(server)
    assert server.lines_with(message="metrics")


def test_a_configuration_that_disables_loggers_leaves_the_kits(own: Callable[..., Server]) -> None:
    server = own(FLASK_DOCS.replace('"version": 1', '"version": 1, "disable_existing_loggers": True'))
    assert server.get("/late", X_Request_ID="late")[0].status == 500
    (error,) = wait_for(lambda: errors(server), "the line of the error")
    assert (error["request_id"], error["logger"]) == ("late", "service.kit.answer")


def test_an_app_that_switches_logging_off_is_told(own: Callable[..., Server]) -> None:
    server = own("logging.disable(logging.CRITICAL)")
    assert server.count("At the start: the app has switched logging off") == 1


def test_why_a_worker_did_not_start_is_said_whatever_the_app_has_configured(
    launch: Callable[..., Server], with_app: Path
) -> None:
    broken = FLASK_DOCS.replace('"version": 1', '"version": 1, "disable_existing_loggers": True')
    fails = f"{broken}\nraise RuntimeError('no database, password=hunter2')"
    failed = launch(checkout=with_app, CONFIGURE=fails)
    failed.process.wait(15)
    written = failed.stdout.read_text() + failed.stderr.read_text()
    assert "no database" in written
    assert "hunter2" not in written


@pytest.mark.parametrize(
    "say",
    [
        "print('password=hunter2')",
        "print('password=hunter2', file=sys.stderr)",
        "print('password', 'hunter2', sep='=')",
        "sys.stdout.write('password=hunter2\\n')",
        "sys.stderr.buffer.write(b'password=hunter2\\n')",
        "log = logging.Logger('l'); log.addHandler(logging.StreamHandler()); log.error('password=hunter2')",
        'structlog.PrintLogger().msg(\'{"event": "e", "password": "hunter2"}\')',
        "structlog.contextvars.clear_contextvars(); print('password=hunter2')",
    ],
)
def test_what_an_app_prints_is_a_masked_line_of_its_request(own: Callable[..., Server], say: str) -> None:
    server = own("", say)
    assert server.get("/say", X_Request_ID="r-2")[0].status == 200
    wait_for(lambda: server.lines_with(message="request", path="/say"), "the access line")
    (line,) = [line for line in server.lines_with(request_id="r-2") if line["message"] != "request"]
    assert "***" in json.dumps(line)
    assert {"timestamp", "level", "logger", "message"} <= line.keys()
    assert "hunter2" not in ended(server)


def test_a_traceback_that_is_printed_is_an_exception_of_one_line(own: Callable[..., Server]) -> None:
    server = own(
        "",
        """
        try:
            raise ValueError("password=hunter2")
        except ValueError:
            sys.stderr.write("it broke\\n" + traceback.format_exc())
        """,
    )
    server.get("/say")
    wait_for(lambda: server.lines_with(message="it broke"), "the line")
    (line,) = server.lines_with(message="it broke", level="error")
    assert line["exception"].startswith("Traceback")
    assert "hunter2" not in ended(server)


def test_standard_streams_remain_streams(own: Callable[..., Server]) -> None:
    server = own(
        "",
        """
        import subprocess
        sys.stdout.reconfigure(line_buffering=True)
        sys.stdout.flush()
        assert (sys.stdout.fileno(), sys.stderr.fileno(), sys.stdout.isatty()) == (1, 2, False)
        assert sys.stdout.writable() and sys.stdout.encoding and sys.stdout.errors
        subprocess.run([sys.executable, "-c", ""], stdout=sys.stdout, stderr=sys.stderr, check=True)
        """,
    )
    assert server.get("/say")[0].status == 200
