"""Tell browsers how to protect visitors: headers on every answer, cookies that do not travel in the clear."""

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
_NAMES = frozenset(name.lower() for name, _ in [*HEADERS, HSTS])


def protect(headers: Headers, *, https: bool) -> Headers:
    """Return the headers of an answer with each one added that the app has not set, and cookies secured."""
    own = {name.lower() for name, _ in headers}
    if https:
        headers = [*map(_secure, headers)] if "set-cookie" in own else headers
        headers = headers if HSTS[0].lower() in own else [*headers, HSTS]
    if own.isdisjoint(_NAMES):
        return headers + HEADERS
    return headers + [header for header in HEADERS if header[0].lower() not in own]


def _secure(header: tuple[str, str]) -> tuple[str, str]:
    # Instead of SESSION_COOKIE_SECURE: this covers every cookie, and logins work over plain HTTP in dev.
    name, value = header
    attributes = {part.strip().lower() for part in value.split(";")[1:]}
    if name.lower() != "set-cookie" or "secure" in attributes:
        return header
    return name, f"{value}; Secure"
