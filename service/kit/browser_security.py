"""Tell browsers how to protect visitors: headers on every answer, cookies that do not travel in the clear."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from service.kit import csp_reports
from service.kit.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

# The recommendations of https://owasp.org/www-project-secure-headers/ that most Flask apps can keep.
HEADERS: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
# One year; without includeSubDomains, which would decide for hosts that belong to others.
HSTS = ("Strict-Transport-Security", "max-age=31536000")


ENFORCED = "Content-Security-Policy"
REPORTED = "Content-Security-Policy-Report-Only"


def init_app(app: Flask, settings: Settings) -> None:
    """Guard answers and cookies; call it before `proxy_headers`, which knows whether it was https."""
    if settings.csp == "off":
        app.wsgi_app = Guard(app.wsgi_app, [], [])
        return
    path = csp_reports.free_path(app)
    name = ENFORCED if settings.csp == "enforce" else REPORTED
    policy = settings.content_security_policy.rstrip("; ")
    app.wsgi_app = Guard(
        csp_reports.Reports(app.wsgi_app, path, policy),
        [(name, f"{policy}; report-uri {path}")],
        # Browsers take the newer way over https alone, and with it they leave the older one.
        [(name, f"{policy}; report-uri {path}; report-to csp"), ("Reporting-Endpoints", f'csp="{path}"')],
    )


class Guard:
    """A layer that adds each header the app has not set; after_request would cost four times as much."""

    def __init__(self, wsgi_app: "WSGIApplication", policy: Headers, policy_over_https: Headers) -> None:
        self.wsgi_app = wsgi_app
        self._all = {False: [*policy, *HEADERS], True: [*policy_over_https, *HEADERS, HSTS]}
        self._names = {name.lower() for headers in self._all.values() for name, _ in headers}
        self._names |= {ENFORCED.lower(), REPORTED.lower()}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        https = environ["wsgi.url_scheme"] == "https"

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            own = {name.lower() for name, _ in headers}
            if https and "set-cookie" in own:
                headers = [*map(_secure, headers)]
            if own.isdisjoint(self._names):
                return start_response(status, headers + self._all[https], exc_info)
            # A policy of the app's own, enforced or only reported, stands for itself.
            if ENFORCED.lower() in own or REPORTED.lower() in own:
                own |= {ENFORCED.lower(), REPORTED.lower()}
            missing = [header for header in self._all[https] if header[0].lower() not in own]
            return start_response(status, headers + missing, exc_info)

        return self.wsgi_app(environ, start)


def _secure(header: tuple[str, str]) -> tuple[str, str]:
    # Instead of SESSION_COOKIE_SECURE: this covers every cookie, and logins work over plain HTTP in dev.
    name, value = header
    attributes = {part.strip().lower() for part in value.split(";")[1:]}
    if name.lower() != "set-cookie" or "secure" in attributes:
        return header
    return name, f"{value}; Secure"
