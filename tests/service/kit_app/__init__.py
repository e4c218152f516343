"""A small app of the tests' own: it stands where a team's app stands, so that no test needs the team's.

The kit's tests install the kit in it in their own process (`installed.py`), or serve it with a real Gunicorn
from a copy of the service in which this folder is `service/app`.
"""

import gc
import logging
import os
import signal
import threading
import time
import warnings
from pathlib import Path

import structlog
from flask import Blueprint, Flask, request

from service.kit import Settings

bp = Blueprint("routes", __name__)
together = threading.Barrier(4, timeout=10)


def create_app(settings: Settings) -> Flask:  # noqa: ARG001 (what the kit asks of every app)
    """Make the app, without the kit."""
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app


@bp.get("/")
def index() -> str:
    return "hello"


@bp.get("/orders/<int:number>")
def order(number: int) -> str:
    return f"order {number}"


@bp.get("/worker")
def worker() -> dict[str, int]:
    return {"worker": os.getpid()}


@bp.get("/work")
def work() -> str:
    return "done"


@bp.post("/upload")
def upload() -> dict[str, int]:
    return {"bytes": len(request.get_data())}


@bp.post("/form")
def form() -> dict[str, str]:
    return dict(request.form)


@bp.get("/boom")
def boom() -> str:
    raise RuntimeError("the password is hunter2")


@bp.get("/log-together")
def log_together() -> str:
    together.wait()  # four requests are now inside at once, in four threads
    logging.getLogger("library").warning("from logging for %s", request.args["name"])
    structlog.get_logger("team").warning("from structlog", name=request.args["name"])
    return ""


@bp.get("/held")
def held() -> str:
    """End when the file exists that the request names."""
    ends_at = time.monotonic() + 30
    while not Path(request.args["until"]).exists() and time.monotonic() < ends_at:
        time.sleep(0.01)
    return ""


@bp.get("/one-second")
def one_second() -> str:
    time.sleep(1)
    return ""


@bp.get("/frozen")
def frozen() -> dict[str, int]:
    return {"objects": gc.get_freeze_count()}


@bp.get("/warn")
def warn() -> str:
    warnings.warn("this will go away", stacklevel=1)
    return ""


@bp.get("/where")
def where() -> dict[str, str | None]:
    return {"addr": request.remote_addr, "url": request.url, "script": request.root_path}


@bp.get("/end-worker")
def end_worker() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""
