"""Compare host names as DNS does: WWW.EXAMPLE.COM and www.example.com. are www.example.com."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask) -> None:
    """Write the hosts of TRUSTED_HOSTS and of requests the same way; without that, nothing is done."""
    if hosts := app.config["TRUSTED_HOSTS"]:
        app.config["TRUSTED_HOSTS"] = [plain(host) for host in ([hosts] if isinstance(hosts, str) else hosts)]
        app.wsgi_app = PlainHost(app.wsgi_app)


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
