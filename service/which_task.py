"""Which task answered? The reference app's own routes, the part that a team replaces."""

import json
import math
import os
import socket
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
)
from pydantic import HttpUrl

# ECS answers from the task's own host in milliseconds; a worker must not wait long for a label.
METADATA_TIMEOUT_S = 1
# /slow must end within the longest request that the stack is built for, 30 s by default.
SLOW_MAX_S = 30
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

bp = Blueprint("which_task", __name__)
log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Serve the routes and ask ECS, once per worker, which task this is."""
    app.extensions["task"] = read_task(app.config["ECS_CONTAINER_METADATA_URI_V4"])
    app.register_blueprint(bp)


def read_task(uri: HttpUrl | None) -> dict[str, str | None]:
    """The task's id and availability zone, None outside ECS or when ECS does not answer.

    Keys: "Task metadata available for Amazon ECS tasks on Fargate", ECS developer guide.
    """
    if uri is None:
        return {"task": None, "zone": None}
    # Not urlopen: it would send a link-local request through HTTP_PROXY.
    connection = HTTPConnection(uri.host or "", uri.port, timeout=METADATA_TIMEOUT_S)
    try:
        connection.request("GET", f"{uri.path or ''}/task")
        metadata = json.loads(connection.getresponse().read())
        return {"task": metadata["TaskARN"].rpartition("/")[2], "zone": metadata["AvailabilityZone"]}
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("task metadata is not available", uri=str(uri), error=repr(error))
        return {"task": None, "zone": None}
    finally:
        connection.close()


def answer() -> dict[str, Any]:
    """Who answers, from the service down to the worker process."""
    return {
        "service": "which-task",
        "version": current_app.config["VERSION"],
        "environment": current_app.config["ENVIRONMENT"],
        "hostname": socket.gethostname(),
        **current_app.extensions["task"],
        "worker": os.getpid(),
    }


@bp.get("/")
def index() -> Response:
    """JSON for programs; for browsers a page that asks for that JSON again and again."""
    wanted = request.accept_mimetypes.best_match(
        ["application/json", "text/html"], default="application/json"
    )
    if wanted == "text/html":
        response = make_response(render_template("which_task.html", **answer()))
        response.headers["Content-Security-Policy"] = PAGE_POLICY
    else:
        response = jsonify(answer())
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/slow")
def slow() -> Response:
    """The same JSON after `seconds`, so that a demo can have a request in flight."""
    given = request.args.get("seconds", "5")
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= SLOW_MAX_S:
        abort(400, f"seconds={given!r} is wrong: give a number from 0 to {SLOW_MAX_S}")
    time.sleep(seconds)
    return jsonify(answer() | {"seconds": seconds})
