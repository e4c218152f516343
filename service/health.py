"""Three answers: /healthz for the load balancer, /readyz and /version for people and alarms."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Flask, Response, current_app, jsonify

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Check = Callable[[], object]

bp = Blueprint("health", __name__)
log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Serve the three paths; call it last, so that /healthz is the outermost layer."""
    app.extensions.setdefault("readiness", {})
    app.register_blueprint(bp)
    app.wsgi_app = Healthz(app.wsgi_app)  # type: ignore[method-assign]


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


def register_check(app: Flask, name: str, check: Callable[[], object]) -> None:
    """Let /readyz run `check`, which fails by raising or by returning False and brings its own timeout."""
    checks: dict[str, Check] = app.extensions.setdefault("readiness", {})
    if name in checks:
        raise ValueError(f"readiness check {name!r} is already registered; names in use: {', '.join(checks)}")
    checks[name] = check


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether each registered backend answers: 200 when all do, else 503."""
    checks: dict[str, Check] = current_app.extensions["readiness"]
    results = {name: "ok" if _passes(name, check) else "failed" for name, check in checks.items()}
    ready = "failed" not in results.values()
    return jsonify(status="ready" if ready else "not ready", checks=results), 200 if ready else 503


def _passes(name: str, check: Check) -> bool:
    try:
        return check() is not False
    except Exception:  # a check may raise anything; it is logged, not shown
        log.exception("readiness check failed", check=name)
        return False


@bp.get("/version")
def version() -> Response:
    """What is deployed, and where."""
    return jsonify(version=current_app.config["VERSION"], environment=current_app.config["ENVIRONMENT"])


@bp.after_request
def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
