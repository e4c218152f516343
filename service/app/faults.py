"""Yours: break the service on purpose where FAULTS=1, to see what kit, load balancer and alarms do."""

import os
import random
import time
from typing import Literal

from flask import Blueprint, Flask, abort, current_app, request
from pydantic import BaseModel, Field
from spectree import Response as Answers

from service.app.document import PREFIX, spec

bp = Blueprint("faults", __name__, url_prefix=f"{PREFIX}/faults")


class Faults(BaseModel):
    """The faults of the worker that answers; other workers go on as before."""

    delay_ms: int = Field(default=0, ge=0, le=30_000, description="added to each answer")
    error_percent: int = Field(default=0, ge=0, le=100, description="so many answers are 500")
    leaked_mib: int = Field(default=0, ge=0, le=1024, description="memory held for nothing")


class Crash(BaseModel):
    """The signal that ends a worker."""

    signal: Literal[6, 9, 11] = Field(default=11, description="6 is SIGABRT, 9 SIGKILL, 11 SIGSEGV")


def init_app(app: Flask, *, allowed: bool) -> None:
    """Serve the routes, which refuse unless FAULTS is set; break requests only if it is."""
    app.register_blueprint(bp)
    if allowed:
        app.before_request(_apply)


_now = Faults()
_leak = bytearray()


@bp.before_request
def _allowed() -> None:
    if not current_app.config["FAULTS"]:
        abort(403, "Faults are off. Set FAULTS=1 where nobody is harmed by them.")


def _apply() -> None:
    if request.blueprint != "api":
        return
    time.sleep(_now.delay_ms / 1000)
    if random.random() * 100 < _now.error_percent:  # noqa: S311 (chance, not a secret)
        abort(500, "An injected fault.")


@bp.put("")
@spec.validate(resp=Answers(HTTP_200=Faults))
def set_faults(json: Faults) -> Faults:
    """Set all faults of the worker that answers; an empty object ends them."""
    global _now, _leak
    # Memory that is never written would not be taken from the kernel.
    _now, _leak = json, bytearray(b"x") * (json.leaked_mib * 1024**2)
    return _now


@bp.post("/crash")
@spec.validate(resp=Answers("HTTP_204"))
def crash(json: Crash) -> tuple[str, int]:
    """End the worker that answers, before it does."""
    os.kill(os.getpid(), json.signal)
    return "", 204
