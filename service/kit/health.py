"""Three answers: /healthz for the load balancer, /readyz and /version for people and alarms."""

import hmac
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request

from service.kit.readiness import Readiness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

bp = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Serve the three paths; call it last, so that /healthz is the outermost layer."""
    _readiness(app)
    app.register_blueprint(bp)
    app.wsgi_app = Healthz(app.wsgi_app)


class Healthz:
    """Answers /healthz before Flask does."""

    # The load balancer asks with the task's address as Host, which TRUSTED_HOSTS would refuse; and a backend
    # that is down must not make ECS replace every task.
    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self.wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        if environ.get("PATH_INFO") != "/healthz" or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
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
    """Let /readyz run `check`, in an app context; it fails by raising, by False, or after `timeout_s`."""
    _readiness(app).register(name, check, timeout_s)


def _readiness(app: Flask) -> Readiness:
    readiness: Readiness = app.extensions.setdefault("readiness", Readiness(app))
    return readiness


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether new requests should come here: 200 when all registered checks pass, else 503 and why."""
    status, checks = _readiness(current_app).now()
    return jsonify(status=status, checks=checks), 200 if status == "ready" else 503


@bp.route("/readyz/drill", methods=["PUT", "DELETE"])
def drill() -> tuple[str, int]:
    """PUT makes this task's /readyz fail for ten minutes, DELETE ends that; both need DRILL_TOKEN."""
    token = current_app.config["DRILL_TOKEN"]
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
        abort(401)
    _readiness(current_app).drill(on=request.method == "PUT")
    return "", 204


@bp.get("/version")
def version() -> Response:
    """What is deployed, and where."""
    return jsonify(version=current_app.config["VERSION"], environment=current_app.config["ENVIRONMENT"])


@bp.after_request
def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
