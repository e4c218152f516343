"""A small app of the tests' own: it stands where a team's app stands, so that no test needs the team's.

The kit's tests install the kit in it in their own process (`installed.py`), or serve it with a real Gunicorn
from a copy of the service in which this folder is `service/app`.
"""

import base64
import gc
import hashlib
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import structlog
from flask import Blueprint, Flask, Response, g, request, stream_with_context
from flask.typing import ResponseReturnValue

from service.kit import Settings, stopping

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


@bp.get("/endless")
def endless() -> Response:
    """Send a line at once, and the last one when the service stops or the request's file exists."""

    def lines() -> Iterator[str]:
        yield "first\n"
        ends_at = time.monotonic() + 30
        until = Path(request.args.get("until", "/never/there"))
        while not until.exists() and time.monotonic() < ends_at:
            if stopping.wait(0.01):
                yield "stopping\n"
                return
        yield "last\n"

    return Response(stream_with_context(lines()), mimetype="text/plain")


@bp.get("/fails/<how>")
def fails(how: str) -> ResponseReturnValue:
    """Fail after the view has returned, or in a way that is no Exception."""
    match how:
        case "first":
            return Response(_broken([]))
        case "midway":
            return Response(_broken([b"one"]))
        case "header":
            return Response("x", headers={"Content-Disposition": "attachment; filename=\u65e5.csv"})
        case "status":
            return "x", 1000
        case "teardown":
            g.fails = True
            return "x"
        case "short" | "empty":
            body = [b"x" * 50] if how == "short" else []
            return Response(iter(body), headers={"Content-Length": "100"})
        case "long":
            return Response(iter([b"x" * 50, b"y" * 100]), headers={"Content-Length": "100"})
        case "exit":
            sys.exit("the view ends the process")
        case "interrupt":
            raise KeyboardInterrupt
        case _:
            raise GeneratorExit


def _broken(before: list[bytes]) -> Iterator[bytes]:
    yield from before
    raise RuntimeError("the database has gone")


@bp.teardown_request
def teardown(_error: BaseException | None) -> None:
    if g.get("fails"):
        raise RuntimeError("commit failed")


@bp.route("/echo", websocket=True)
def echo() -> Response:
    """Talk WebSocket on Gunicorn's socket, as flask-sock does: send back what comes, up to 125 bytes."""
    key = request.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
    sock = request.environ["gunicorn.socket"]
    sock.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    while (frame := sock.recv(200)) and frame[0] & 15 != 8:
        size, mask = frame[1] & 127, frame[2:6]
        sock.sendall(
            bytes([0x81, size]) + bytes(byte ^ mask[n % 4] for n, byte in enumerate(frame[6 : 6 + size]))
        )

    class Ended(Response):
        def __call__(self, *_: object) -> NoReturn:
            raise StopIteration

    return Ended()


@bp.get("/end-worker")
def end_worker() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""
