"""Answer every HTTP error: a page to who asks for HTML, to all others application/problem+json (RFC 9457).

Unhandled exceptions are among them. What the app itself answers to an error goes before this.
"""

import json
from typing import TYPE_CHECKING

from flask import Flask, request
from gunicorn.http.errors import ParseException
from structlog.contextvars import get_contextvars
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import BadRequest, HTTPException, default_exceptions
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from service.kit import error_page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HTML = "text/html"
PROBLEM = "application/problem+json"
# The member of the WSGI environment with the id of the request, which stays when the app clears its context.
REQUEST_ID = "service.request_id"


def init_app(app: Flask) -> None:
    """Answer the app's errors; Flask itself logs an unhandled exception once, with its stack."""

    def answer(error: HTTPException) -> Response:
        return respond(error, request.environ, app)

    # A handler of the app's own for all errors stays.
    if app.error_handler_spec[None][None].keys().isdisjoint({HTTPException, Exception}):
        app.register_error_handler(HTTPException, answer)
    # Gunicorn finds a body that is wrongly cut into chunks only while the app reads it.
    app.register_error_handler(
        ParseException, lambda _: answer(BadRequest("The body is wrongly cut into chunks."))
    )


def problem(status: int, environ: "WSGIEnvironment", detail: str | None = None) -> Response:
    """Return the answer to a request that failed outside Flask: a WSGI app, to be called with `environ`."""
    error = default_exceptions.get(status, HTTPException)(description=detail)
    error.code = status
    return respond(error, environ)


def respond(error: HTTPException, environ: "WSGIEnvironment", app: Flask | None = None) -> Response:
    """Return the error in the form that the request asks for, with its headers, such as Allow.

    With `app`, a page of the app's own goes before the kit's.
    """
    response = error.get_response(environ)
    assert isinstance(response, Response)  # noqa: S101 (what Werkzeug makes for a WSGI environment)
    if error.response is not None:
        return response  # the app has made it, with abort(401, response=...)
    request_id = environ.get(REQUEST_ID) or get_contextvars().get("request_id")
    if _wants_html(environ):
        error_page.fill(response, error, request_id, app)
    else:
        response.content_type = PROBLEM
        members = {
            "type": "about:blank",
            "title": error.name,
            "status": error.code,
            "detail": error.description,
            "request_id": request_id,
        }
        response.data = json.dumps(members, default=str)  # a description may be a lazy translation
    response.vary.add("Accept")
    return response


def _wants_html(environ: "WSGIEnvironment") -> bool:
    # The first form answers */* and a header that names none of them.
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT"), MIMEAccept)
    return accepted.best_match((PROBLEM, "application/json", HTML), default=PROBLEM) == HTML
