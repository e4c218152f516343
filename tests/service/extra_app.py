"""The service with routes that only tests need; Gunicorn serves it in some of them."""

import gc
import logging
import os
import signal
import threading
import time
import warnings
from pathlib import Path

import structlog
from flask import Flask, request

from service import create_app

app: Flask = create_app()
together = threading.Barrier(4, timeout=10)


@app.get("/work")
def work() -> str:
    return "done"


@app.post("/upload")
def upload() -> dict[str, int]:
    return {"bytes": len(request.get_data())}


@app.post("/form")
def form() -> dict[str, str]:
    return dict(request.form)


@app.get("/boom")
def boom() -> str:
    raise RuntimeError("the password is hunter2")


@app.get("/log-together")
def log_together() -> str:
    together.wait()  # four requests are now inside at once, in four threads
    logging.getLogger("library").warning("from logging for %s", request.args["name"])
    structlog.get_logger("team").warning("from structlog", name=request.args["name"])
    return ""


@app.get("/held")
def held() -> str:
    """Ends when the file that it is told exists."""
    ends_at = time.monotonic() + 30
    while not Path(request.args["until"]).exists() and time.monotonic() < ends_at:
        time.sleep(0.01)
    return ""


@app.get("/one-second")
def one_second() -> str:
    time.sleep(1)
    return ""


@app.get("/frozen")
def frozen() -> dict[str, int]:
    return {"objects": gc.get_freeze_count()}


@app.get("/warn")
def warn() -> str:
    warnings.warn("this will go away", stacklevel=1)
    return ""


@app.get("/where")
def where() -> dict[str, str | None]:
    return {"addr": request.remote_addr, "url": request.url, "script": request.root_path}


@app.get("/end-worker")
def end_worker() -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return ""
