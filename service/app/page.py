"""Yours: show which task answered, and how traffic splits over tasks and versions."""

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from service.app.task import info

bp = Blueprint("page", __name__)


@bp.get("/")
def index() -> Response:
    """Return JSON to programs, and to browsers a page that asks the API again and again."""
    wanted = request.accept_mimetypes.best_match(
        ["application/json", "text/html"], default="application/json"
    )
    answer = info().model_dump()
    if wanted == "text/html":
        response = make_response(render_template("which_task.html", **answer))
    else:
        response = jsonify(answer)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response
