"""What a request says of itself: proxy headers by exact count, the body by its declared length."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Believe exactly PROXY_HOPS proxies, and no upload that ended early."""
    hops = app.config["PROXY_HOPS"]
    app.wsgi_app = DeclaredLength(app.wsgi_app)
    if hops:
        # The load balancer sets -For and -Proto. It passes on Host itself and leaves -Host, -Port and -Prefix
        # as the client sent them, so believing those would let anyone choose the links we make.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=1, x_host=0, x_port=0, x_prefix=0)


class DeclaredLength:
    """Makes a body shorter than its Content-Length a 400."""

    # Gunicorn sets this key for every request, and Werkzeug then takes the end of the connection for the end
    # of the body: a client that dies after 10 of 1,000 bytes had its piece accepted with 200.
    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)
        return self.wsgi_app(environ, start_response)
