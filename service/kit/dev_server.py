"""Refuse Werkzeug's development server and debug mode everywhere but on a developer's machine."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask import Flask

from service.kit import start
from service.kit.settings import LOCAL, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEVELOPMENT_SERVER = "the development server"
DEBUG_MODE = "debug mode, which lets a visitor run code,"


def init_app(app: Flask, settings: Settings) -> None:
    """Exit if the development server or debug mode starts the app, unless ENVIRONMENT is local.

    Call it last, as the outermost layer: a health check that was answered would let a deployment pass.
    """
    environment = settings.environment
    if environment == LOCAL:
        return

    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        start.refuse(_sentence(DEVELOPMENT_SERVER, environment))

    context = click.get_current_context(silent=True)
    if context and context.info_name == "run":
        refuse()
    if app.debug:
        start.refuse(_sentence(DEBUG_MODE, environment))
    app.run = refuse
    app.wsgi_app = Refusal(app, environment)


def _sentence(what: str, environment: str) -> str:
    return (
        f"{what} is for ENVIRONMENT={LOCAL} only, this is ENVIRONMENT={environment}. "
        "It is neither secure nor stable. "
        "Start Gunicorn instead: gunicorn --config python:service.gunicorn_conf"
    )


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
        start.say(_sentence(what, self.environment))
        os._exit(start.CANNOT_START)
