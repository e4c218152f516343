"""Tell browsers how to protect visitors: headers on every answer, cookies that do not travel in the clear."""

from service.kit.settings import Settings

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
# https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
NOINDEX = ("X-Robots-Tag", "noindex")
ENFORCED = "Content-Security-Policy"
REPORTED = "Content-Security-Policy-Report-Only"


class Protection:
    """The headers that each answer gets unless the app has set them; after_request would be slower."""

    def __init__(self, settings: Settings, *, reports_path: str) -> None:
        policy: Headers = []
        policy_over_https: Headers = []
        if settings.csp != "off":
            name = ENFORCED if settings.csp == "enforce" else REPORTED
            sources = settings.content_security_policy.rstrip("; ")
            policy = [(name, f"{sources}; report-uri {reports_path}")]
            # Browsers take the newer way over https alone, and with it they leave the older one.
            policy_over_https = [
                (name, f"{sources}; report-uri {reports_path}; report-to csp"),
                ("Reporting-Endpoints", f'csp="{reports_path}"'),
            ]
        headers = [*HEADERS, NOINDEX] if settings.noindex else HEADERS
        self._all = {False: [*policy, *headers], True: [*policy_over_https, *headers, HSTS]}
        self._names = {name.lower() for headers in self._all.values() for name, _ in headers}
        self._names |= {ENFORCED.lower(), REPORTED.lower()}

    def protect(self, headers: Headers, *, https: bool) -> Headers:
        """Return the headers of an answer with those added that the app has not set, and cookies secured."""
        own = {name.lower() for name, _ in headers}
        if https and "set-cookie" in own:
            headers = [*map(_secure, headers)]
        if own.isdisjoint(self._names):
            return headers + self._all[https]
        # A policy of the app's own, enforced or only reported, stands for itself.
        if ENFORCED.lower() in own or REPORTED.lower() in own:
            own |= {ENFORCED.lower(), REPORTED.lower()}
        return headers + [header for header in self._all[https] if header[0].lower() not in own]


def _secure(header: tuple[str, str]) -> tuple[str, str]:
    # Instead of SESSION_COOKIE_SECURE: this covers every cookie, and logins work over plain HTTP in dev.
    name, value = header
    attributes = {part.strip().lower() for part in value.split(";")[1:]}
    if name.lower() != "set-cookie" or "secure" in attributes:
        return header
    return name, f"{value}; Secure"
