"""Answer /healthz for the load balancer, /readyz and /version for people and alarms."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, jsonify, request

from service.kit.access_log import READINESS_PATH
from service.kit.bearer import bears
from service.kit.readiness import Readiness
from service.kit.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

ALIVE = b'{"status":"ok"}\n'
ALIVE_HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(ALIVE))),
    ("Cache-Control", "no-store"),
]


def alive(start_response: "StartResponse", *, head: bool) -> list[bytes]:
    """Answer the load balancer's health check, before Flask is asked.

    The load balancer sends the task's address as Host, which TRUSTED_HOSTS would refuse. No check of a
    backend is run: a backend that is down must not make ECS replace every task.
    """
    start_response("200 OK", ALIVE_HEADERS)
    return [] if head else [ALIVE]


def register_check(app: Flask, name: str, check: Callable[[], object], *, timeout_s: float = 1.0) -> None:
    """Let /readyz run `check` in an app context; raising, returning False or taking `timeout_s` fails it."""
    _readiness(app).register(name, check, timeout_s)


def _readiness(app: Flask) -> Readiness:
    readiness: Readiness = app.extensions.setdefault("kit_readiness", Readiness(app))
    return readiness


def add_routes(own: Flask, app: Flask, settings: Settings) -> None:
    """Let `own` answer for `app`."""
    readiness = _readiness(app)

    @own.get(READINESS_PATH)
    def readyz() -> tuple[Response, int]:
        """Answer 200 when this task can serve new requests, else 503 with the checks that failed."""
        status, checks = readiness.now()
        return jsonify(status=status, checks=checks), 200 if status == "ready" else 503

    @own.route(f"{READINESS_PATH}/drill", methods=["PUT", "DELETE"])
    def drill() -> tuple[str, int]:
        """Make this task's /readyz fail for ten minutes (PUT), or end that; DRILL_TOKEN is needed."""
        if not settings.drill_token:
            abort(404)
        if not bears(settings.drill_token):
            abort(401)
        readiness.drill(on=request.method == "PUT")
        return "", 204

    @own.get("/version")
    def version() -> Response:
        """Tell what is deployed, and where."""
        return jsonify(version=settings.version, environment=settings.environment)

    @own.after_request
    def no_store(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        return response
