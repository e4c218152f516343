"""Answer /healthz for the load balancer, /readyz and /version for people and alarms."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request

from service.kit.access_log import READINESS_PATH
from service.kit.bearer import bears
from service.kit.readiness import Readiness
from service.kit.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

bp = Blueprint("kit_health", __name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the three paths; call it after the other layers, so that health checks pass none of them."""
    _readiness(app)
    app.register_blueprint(bp)
    app.wsgi_app = Health(app.wsgi_app, settings.health_path)


class Health:
    """A layer that answers the load balancer's health check before Flask is asked."""

    # The load balancer sends the task's address as Host, which TRUSTED_HOSTS would refuse. No check of a
    # backend is run: a backend that is down must not make ECS replace every task.
    def __init__(self, wsgi_app: "WSGIApplication", path: str) -> None:
        self.wsgi_app = wsgi_app
        self.path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("PATH_INFO") != self.path or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self.wsgi_app(environ, start_response)
        body = b'{"status":"ok"}\n'
        start_response(
            "200 OK",
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
            ],
        )
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def register_check(app: Flask, name: str, check: Callable[[], object], *, timeout_s: float = 1.0) -> None:
    """Let /readyz run `check` in an app context; raising, returning False or taking `timeout_s` fails it."""
    _readiness(app).register(name, check, timeout_s)


def _readiness(app: Flask) -> Readiness:
    readiness: Readiness = app.extensions.setdefault("kit_readiness", Readiness(app))
    return readiness


def _settings() -> Settings:
    settings: Settings = current_app.extensions["kit"]
    return settings


@bp.get(READINESS_PATH)
def readyz() -> tuple[Response, int]:
    """Answer 200 when this task can serve new requests, else 503 with the checks that failed."""
    status, checks = _readiness(current_app).now()
    return jsonify(status=status, checks=checks), 200 if status == "ready" else 503


@bp.route(f"{READINESS_PATH}/drill", methods=["PUT", "DELETE"])
def drill() -> tuple[str, int]:
    """Make this task's /readyz fail for ten minutes (PUT), or end that (DELETE); DRILL_TOKEN is needed."""
    token = _settings().drill_token
    if not token:
        abort(404)
    if not bears(token):
        abort(401)
    _readiness(current_app).drill(on=request.method == "PUT")
    return "", 204


@bp.get("/version")
def version() -> Response:
    """Tell what is deployed, and where."""
    return jsonify(version=_settings().version, environment=_settings().environment)


@bp.after_request
def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
