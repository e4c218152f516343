"""Refuse Werkzeug's development server and debug mode everywhere but on a developer's machine."""

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask import Flask

from service.kit.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL = "local"
DEVELOPMENT_SERVER = "the development server"
DEBUG_MODE = "debug mode, which lets a visitor run code,"
# Gunicorn takes this code for a worker that can never start: it ends itself, and with it the task.
CANNOT_START = 3


def init_app(app: Flask, settings: Settings) -> None:
    """Exit if the development server or debug mode starts the app, unless ENVIRONMENT is local.

    Call it last, as the outermost layer: a health check that was answered would let a deployment pass.
    """
    environment = settings.environment
    if environment == LOCAL:
        return

    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        _say(DEVELOPMENT_SERVER, environment)
        sys.exit(CANNOT_START)

    context = click.get_current_context(silent=True)
    if context and context.info_name == "run":
        refuse()
    if app.debug:
        _say(DEBUG_MODE, environment)
        sys.exit(CANNOT_START)
    app.run = refuse
    app.wsgi_app = Refusal(app, environment)


def _say(what: str, environment: str) -> None:
    sentence = (
        f"service cannot start: {what} is for ENVIRONMENT={LOCAL} only, this is ENVIRONMENT={environment}. "
        "It is neither secure nor stable. "
        "Start Gunicorn instead: gunicorn --config python:service.gunicorn_conf"
    )
    print(sentence, file=sys.stderr, flush=True)


class Refusal:
    """A layer that ends the process if a development server or a debugger was put around the app later."""

    def __init__(self, app: Flask, environment: str) -> None:
        self.app = app
        self.environment = environment
        self.wsgi_app: WSGIApplication = app.wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request, or end the process at the first."""
        if "werkzeug.socket" in environ:
            self._end(DEVELOPMENT_SERVER)
        # Flask's test client sets the same key, but no SERVER_SOFTWARE.
        debugged = "werkzeug.debug.preserve_context" in environ and "SERVER_SOFTWARE" in environ
        if debugged or self.app.debug:
            self._end(DEBUG_MODE)
        return self.wsgi_app(environ, start_response)

    def _end(self, what: str) -> NoReturn:
        # sys.exit would end only the thread that serves the request.
        _say(what, self.environment)
        os._exit(CANNOT_START)
