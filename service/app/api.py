"""The API: who answers, and answers of every kind to try the kit with."""

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
    """What is said back."""

    message: str = Field(max_length=10_000)


class Headers(BaseModel):
    """What arrived, by name; secrets are masked, or a script could read cookies that are hidden from it."""

    headers: dict[str, str]


class Waited(BaseModel):
    """How long the answer took on purpose, and whose it is: a deployment may have come meanwhile."""

    seconds: float
    version: str


@bp.get("/info")
@spec.validate(resp=Answers(HTTP_200=Info))
def info() -> Info:
    """Who answers: task, zone, version, worker."""
    return this_task()


@bp.post("/echo")
@spec.validate(resp=Answers(HTTP_200=Echo))
def echo(json: Echo) -> Echo:
    """Say the message back."""
    return json


@bp.get("/headers")
@spec.validate(resp=Answers(HTTP_200=Headers))
def headers() -> Headers:
    """The request's headers as they arrive behind the proxies."""
    return Headers(headers=masked(dict(request.headers)))


@bp.get("/status/<int(min=400, max=599):code>")
@spec.validate()
def status(code: int) -> NoReturn:
    """The error with this status, to try alarms with."""
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
    """So many lines of JSON, each sent by itself."""

    def body() -> Iterator[str]:
        for number in range(lines):
            yield json.dumps({"line": number}) + "\n"

    # Not a Response, whose body the library would read whole.
    return body(), 200, {"Content-Type": "application/x-ndjson"}
