"""Yours: make the API's OpenAPI document from the handlers' types, and serve a page that reads it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Request, Response, current_app, jsonify, render_template, send_from_directory
from pydantic import BaseModel, Field
from spectree import SpecTree
from werkzeug.exceptions import UnprocessableEntity

from service.kit import PROBLEM

PREFIX = "/api/v1"
# Found without an import, because the code of the package serves pages of its own.
_package = find_spec("flask_openapi3_swagger")
FILES = Path(*(_package.submodule_search_locations or []) if _package else [], "templates", "swagger")

bp = Blueprint("document", __name__, url_prefix=PREFIX)


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None
    request_id: str | None = Field(description="names the request in the logs")


def _refuse(request: Request, _response: Any, error: Any, *_: Any) -> None:
    if request.method not in {"GET", "HEAD"}:
        request.get_json()  # refuses a body that is not JSON; the library would take it for {} or None
    if error:
        faults = [f"{'.'.join(map(str, each['loc'])) or 'body'}: {each['msg']}" for each in error.errors()]
        raise UnprocessableEntity("; ".join(faults))


spec = SpecTree(
    "flask",
    title="which-task",
    version="1.0.0",
    description="Says which task answers, and makes answers of every kind to try the kit with.",
    mode="strict",
    before=_refuse,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
)


@bp.get("/openapi.json")
def openapi() -> Response:
    """Return the document."""
    if "openapi" not in current_app.extensions:
        current_app.extensions["openapi"] = _with_problems(spec.spec)
    return jsonify(current_app.extensions["openapi"])


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Describe errors once for all operations, and give the operations short names."""
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path, operations in document["paths"].items():
        words = [word for word in path.removeprefix(PREFIX).split("/") if word and "{" not in word]
        for method, operation in operations.items():
            operation["operationId"] = "_".join([method, *words])
            answers = operation["responses"]
            answers.pop("422", None)
            answers["default"] = {"description": "Any error", "content": {PROBLEM: problem}}
    return document


@bp.get("/docs")
def docs() -> str:
    """Show the interactive page, Swagger UI."""
    return render_template("api_docs.html")


@bp.get("/docs/<path:name>")
def docs_file(name: str) -> Response:
    """Serve Swagger UI's files from the service's own origin."""
    return send_from_directory(FILES, name, max_age=3600)
