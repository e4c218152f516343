"""Tell browsers how to protect visitors: headers on every answer, cookies that do not travel in the clear."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

# From https://owasp.org/www-project-secure-headers/ : the recommendations that most Flask apps can keep.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS: Headers = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
# One year; without includeSubDomains, which would decide for hosts that belong to others.
HSTS = ("Strict-Transport-Security", "max-age=31536000")


def init_app(app: Flask) -> None:
    """Guard answers and cookies; call it before `proxy_headers`, which knows whether it was https."""
    app.wsgi_app = Guard(app.wsgi_app)


class Guard:
    """A layer that adds each header the app has not set; after_request would cost four times as much."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app
        self.names = frozenset(name.lower() for name, _ in [*HEADERS, HSTS])

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        https = environ["wsgi.url_scheme"] == "https"

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            own = {name.lower() for name, _ in headers}
            if https:
                headers = [*map(_secure, headers)] if "set-cookie" in own else headers
                headers = headers if HSTS[0].lower() in own else [*headers, HSTS]
            if own.isdisjoint(self.names):
                return start_response(status, headers + HEADERS, exc_info)
            missing = [header for header in HEADERS if header[0].lower() not in own]
            return start_response(status, headers + missing, exc_info)

        return self.wsgi_app(environ, start)


def _secure(header: tuple[str, str]) -> tuple[str, str]:
    # Instead of SESSION_COOKIE_SECURE: this covers every cookie, and logins work over plain HTTP in dev.
    name, value = header
    attributes = {part.strip().lower() for part in value.split(";")[1:]}
    if name.lower() != "set-cookie" or "secure" in attributes:
        return header
    return name, f"{value}; Secure"
