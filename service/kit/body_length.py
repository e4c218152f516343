"""Refuse a body that ends before its declared length."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Answer an upload that ended early with 400."""
    app.wsgi_app = DeclaredLength(app.wsgi_app)


class DeclaredLength:
    """A layer that makes Werkzeug compare a body with its Content-Length."""

    # Gunicorn says of every request that its input ends by itself (wsgi.input_terminated). Werkzeug then
    # takes a lost connection for the end of the body: a client that died after 10 of 1,000 bytes had its
    # upload accepted with 200.
    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)
        return self.wsgi_app(environ, start_response)
