"""Compare the hosts of requests with TRUSTED_HOSTS, as DNS does: WWW.EXAMPLE.COM. is www.example.com."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from flask.globals import request_ctx

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Refuse the requests for other hosts than those of TRUSTED_HOSTS; without that, nothing is done."""
    if not (hosts := app.config.get("TRUSTED_HOSTS")):
        return
    app.config["TRUSTED_HOSTS"] = [plain(host) for host in ([hosts] if isinstance(hosts, str) else hosts)]
    app.wsgi_app = PlainHost(app.wsgi_app)
    if "TRUSTED_HOSTS" not in Flask.default_config:
        _check_hosts(app)


def _check_hosts(app: Flask) -> None:
    """Check the host of each request before anything of the app runs; Flask 3.1 does so by itself."""

    @app.before_request
    def check() -> None:
        request = request_ctx.request
        request.trusted_hosts = list(app.config["TRUSTED_HOSTS"])
        vars(request).pop("host", None)  # it is kept once it was asked for
        _ = request.host  # raises SecurityError, which is answered 400


def plain(host: str) -> str:
    """Return the host, and its port if it has one, in small letters and without the dot of the root."""
    name, colon, port = host.lower().partition(":")
    return f"{name.removesuffix('.')}{colon}{port}"


class PlainHost:
    """A layer that writes the Host header in one way; Werkzeug compares it with the list letter by letter."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        environ["HTTP_HOST"] = plain(environ.get("HTTP_HOST", ""))
        return self.wsgi_app(environ, start_response)
