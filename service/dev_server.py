"""Werkzeug's development server and debug mode are refused everywhere but on a developer's machine."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL = "local"


def init_app(app: Flask) -> None:
    """Exit if the development server or debug mode starts the app, unless ENVIRONMENT is local."""
    environment = app.config["ENVIRONMENT"]
    if environment == LOCAL:
        return

    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        sys.exit(_sentence("the development server", environment))

    context = click.get_current_context(silent=True)
    if context and context.info_name == "run":
        refuse()
    if app.debug:
        sys.exit(_sentence("debug mode, which lets a visitor run code,", environment))
    app.run = refuse
    app.wsgi_app = Refusal(app.wsgi_app, refuse)


def _sentence(what: str, environment: str) -> str:
    return (
        f"service cannot start: {what} is for ENVIRONMENT={LOCAL} only, this is ENVIRONMENT={environment}. "
        "It is neither secure nor stable. "
        "Start Gunicorn instead: gunicorn --config python:service.gunicorn_conf"
    )


class Refusal:
    """Ends a development server that was started around the app, at its first request."""

    def __init__(self, wsgi_app: "WSGIApplication", refuse: Any) -> None:
        self.wsgi_app = wsgi_app
        self.refuse = refuse

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if "werkzeug.socket" in environ:
            self.refuse()
        return self.wsgi_app(environ, start_response)
