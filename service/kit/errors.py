"""Answer every HTTP error as application/problem+json (RFC 9457), unhandled exceptions included."""

from flask import Flask, json
from gunicorn.http.errors import ParseException
from structlog.contextvars import get_contextvars
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.sansio.response import Response

PROBLEM = "application/problem+json"


def init_app(app: Flask) -> None:
    """Answer errors as problem details; Flask itself logs an unhandled exception once, with its stack."""
    # A handler of the app's own for all errors stays.
    if app.error_handler_spec[None][None].keys().isdisjoint({HTTPException, Exception}):
        app.register_error_handler(HTTPException, problem)
    # Gunicorn finds a body that is wrongly cut into chunks only while the app reads it.
    app.register_error_handler(
        ParseException, lambda error: problem(BadRequest(f"The body is wrong: {error}"))
    )


def problem(error: HTTPException) -> Response:
    """Return the error as a problem, with the headers that belong to it, such as Allow."""
    response = error.get_response()
    response.content_type = PROBLEM
    response.data = json.dumps(
        {
            "type": "about:blank",
            "title": error.name,
            "status": error.code,
            "detail": error.description,
            "request_id": get_contextvars().get("request_id"),
        }
    )
    return response
