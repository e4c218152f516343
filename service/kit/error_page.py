"""Show an error as an HTML page: the app's template kit/error.html, or a plain page of the kit's own."""

import hashlib
import logging
from base64 import b64encode

from flask import Flask, has_request_context, render_template
from jinja2 import TemplateNotFound
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

TEMPLATE = "kit/error.html"
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto 0;padding:0 1.25rem}"
    "h1{font-size:1.75rem;line-height:1.2;margin:0}small{overflow-wrap:anywhere}"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{status} {title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{detail}</p>
<p><small>Error {status}, request {request_id}</small></p>
</main>
</body>
</html>
"""
# The kit's page needs its one style sheet and nothing else, whatever the policy of the app is.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

log = logging.getLogger(__name__)


def fill(response: Response, error: HTTPException, request_id: str | None, app: Flask | None) -> None:
    """Make the answer a page about the error; nothing that the visitor has sent is on it unescaped."""
    response.content_type = "text/html; charset=utf-8"
    own = _own(error, request_id) if app and has_request_context() else None
    if own is not None:
        response.data = own
        return
    response.headers["Content-Security-Policy"] = POLICY
    response.data = PAGE.format(
        status=error.code,
        title=escape(error.name),
        detail=escape(error.description or ""),
        request_id=escape(request_id or "unknown"),
        style=STYLE,
    )


def _own(error: HTTPException, request_id: str | None) -> str | None:
    try:
        return render_template(TEMPLATE, error=error, request_id=request_id)
    except TemplateNotFound as missing:
        if missing.name != TEMPLATE:
            log.exception("the app's template %s cannot be shown", TEMPLATE)
    except Exception:  # the page may need what has just failed, such as the database
        log.exception("the app's template %s cannot be shown", TEMPLATE)
    return None
