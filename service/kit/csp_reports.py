"""Log what browsers report about the Content-Security-Policy; `make csp` reads these lines.

Anybody can send reports. A report is small or refused; of it only words of a known form get into the log,
each violation once an hour, and no more than MOST_LINES an hour from a worker. No answer has a body.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/-/csp-reports"
# https://www.w3.org/TR/CSP3/#reporting : the older form of report-uri, and that of the Reporting API.
TYPES = ("application/csp-report", "application/reports+json")
MOST_BYTES = 16 * 1024
MOST_REPORTS = 20  # of one request; browsers send several together
MOST_LINES = 200
HOUR_S = 3600.0
DIRECTIVE = re.compile(
    r"(default|connect|font|frame|img|manifest|media|object|child|worker|prefetch|fenced-frame)-src"
    r"|(script|style)-src(-elem|-attr)?|base-uri|form-action|frame-ancestors"
)
# What stands for a source in a report instead of an address.
KEYWORD = re.compile(r"inline|eval|wasm-eval|self|data|blob|filesystem|mediastream")
ORIGIN = re.compile(r"(https?|wss?)://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
PAGE = re.compile(r"/[A-Za-z0-9._~/%-]{0,200}")

log = logging.getLogger(__name__)


def free_path(app: Flask) -> str:
    """Return a path for the reports that no route of the app has."""
    path, taken = PATH, {rule.rule for rule in app.url_map.iter_rules()}
    while path in taken:
        path += "-"
    return path


class Reports:
    """A small app that takes the reports."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._lock = threading.Lock()
        self._logged: set[tuple[str, str, str]] = set()
        self._ends_at = 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request; a report is never answered with a body."""
        status = self._take(environ)
        allow = [("Allow", "POST")] if status.startswith("405") else []
        start_response(status, [("Content-Length", "0"), *allow] if status[:3] != "204" else [])
        return []

    def _take(self, environ: "WSGIEnvironment") -> str:
        if environ["REQUEST_METHOD"] != "POST":
            return "405 Method Not Allowed"
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() not in TYPES:
            return "415 Unsupported Media Type"
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal():
            return "411 Length Required"
        if int(length) > MOST_BYTES:
            return "413 Content Too Large"
        try:
            given = json.loads(environ["wsgi.input"].read(int(length)))
        except (ValueError, RecursionError):
            return "400 Bad Request"
        for violation in violations(given, host=environ.get("HTTP_HOST", "")):
            self._log(*violation)
        return "204 No Content"

    def _log(self, directive: str, source: str, page: str) -> None:
        with self._lock:
            now = time.monotonic()
            if now >= self._ends_at:
                self._logged.clear()
                self._ends_at = now + HOUR_S
            if (directive, source, page) in self._logged or len(self._logged) >= MOST_LINES:
                return
            self._logged.add((directive, source, page))
        members = {"directive": directive, "source": source, "page": page, "policy": self._policy}
        log.warning("csp violation", extra=members)


def violations(given: Any, *, host: str) -> Iterator[tuple[str, str, str]]:
    """Yield directive, source and page of each violation on a page of this host, in either form of report."""
    reports = given if isinstance(given, list) else [given]
    for report in reports[:MOST_REPORTS]:
        if not isinstance(report, dict):
            continue
        body = report.get("csp-report", report.get("body"))
        if isinstance(body, dict) and (found := _violation(body, host)):
            yield found


def _violation(body: dict[str, Any], host: str) -> tuple[str, str, str] | None:
    def text(*names: str) -> str:
        return next((str(body[name]) for name in names if isinstance(body.get(name), str)), "")

    directive = text("effectiveDirective", "effective-directive", "violated-directive").partition(" ")[0]
    page = _split(text("documentURL", "document-uri"))
    source = _source(text("blockedURL", "blocked-uri"), page)
    if not (DIRECTIVE.fullmatch(directive) and source and page.netloc.lower() == host.lower()):
        return None
    path = page.path or "/"
    return directive, source, path if PAGE.fullmatch(path) else "(another path)"


def _source(blocked: str, page: SplitResult) -> str | None:
    """Return a keyword, or the origin: the rest of an address may hold secrets. None for what is neither."""
    if KEYWORD.fullmatch(blocked):
        return blocked
    parts = _split(blocked)
    if parts.scheme in ("data", "blob", "filesystem", "mediastream"):
        return parts.scheme
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if not ORIGIN.fullmatch(origin):
        return None  # such as chrome-extension: what a visitor has installed is no matter of the app
    return "self" if origin == f"{page.scheme}://{page.netloc}".lower() else origin


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
