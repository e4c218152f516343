"""Yours: tell who answers, and give answers of every kind to try the kit with."""

import json
import time
from collections.abc import Iterator
from typing import NoReturn

from flask import Blueprint, current_app, request
from pydantic import BaseModel, Field
from spectree import Response as Answers
from werkzeug.exceptions import HTTPException

from service.app.document import PREFIX, spec
from service.app.task import Info
from service.app.task import info as this_task
from service.kit import masked

bp = Blueprint("api", __name__, url_prefix=PREFIX)


class Echo(BaseModel):
    """The message that is sent back."""

    message: str = Field(max_length=10_000)


class Headers(BaseModel):
    """The headers of the request; secrets are masked, so that scripts cannot read hidden cookies."""

    headers: dict[str, str]


class Waited(BaseModel):
    """The time that the answer took on purpose, and the version that gave it."""

    seconds: float
    version: str


@bp.get("/info")
@spec.validate(resp=Answers(HTTP_200=Info))
def info() -> Info:
    """Tell who answers: task, zone, version, worker."""
    return this_task()


@bp.post("/echo")
@spec.validate(resp=Answers(HTTP_200=Echo))
def echo(json: Echo) -> Echo:
    """Send the message back."""
    return json


@bp.get("/headers")
@spec.validate(resp=Answers(HTTP_200=Headers))
def headers() -> Headers:
    """Return the headers of the request as they arrive behind the proxies."""
    return Headers(headers=masked(dict(request.headers)))


@bp.get("/status/<int(min=400, max=599):code>")
@spec.validate()
def status(code: int) -> NoReturn:
    """Answer with this error status, to try alarms with."""
    error = HTTPException("It was asked for.")
    error.code = code
    raise error


@bp.get("/delay/<int(min=0, max=30):seconds>")
@spec.validate(resp=Answers(HTTP_200=Waited))
def delay(seconds: int) -> Waited:
    """Answer after so many seconds; the thread waits, the CPU does not work."""
    time.sleep(seconds)
    return Waited(seconds=seconds, version=current_app.config["VERSION"])


@bp.get("/cpu/<int(min=0, max=2000):milliseconds>")
@spec.validate(resp=Answers(HTTP_200=Waited))
def cpu(milliseconds: int) -> Waited:
    """Answer after so many milliseconds of CPU time."""
    ends_at = time.thread_time() + milliseconds / 1000
    while time.thread_time() < ends_at:
        pass
    return Waited(seconds=milliseconds / 1000, version=current_app.config["VERSION"])


@bp.get("/stream/<int(min=1, max=1000):lines>")
@spec.validate(resp=Answers("HTTP_200"))
def stream(lines: int) -> tuple[Iterator[str], int, dict[str, str]]:
    """Send so many lines of JSON, one by one."""

    def body() -> Iterator[str]:
        for number in range(lines):
            yield json.dumps({"line": number}) + "\n"

    # A plain tuple, because the library would read the whole body of a Response.
    return body(), 200, {"Content-Type": "application/x-ndjson"}
