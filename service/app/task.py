"""Yours: find out which task answers: id and zone from ECS, version, colour, and how busy it is."""

import hashlib
import json
import os
import socket
from http.client import HTTPConnection, HTTPException

import structlog
from flask import current_app
from pydantic import BaseModel, Field, HttpUrl

from service.kit import slots

# ECS answers from the task's own host in milliseconds; a worker must not wait long for a label.
METADATA_TIMEOUT_S = 1
# Okabe and Ito's palette, chosen to stay apart for colour-blind readers.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#6b7280")

log = structlog.get_logger(__name__)


class Info(BaseModel):
    """The service, task and worker process that answer."""

    service: str = "which-task"
    version: str
    environment: str
    colour: str = Field(description="of the version: two versions side by side differ in it")
    hostname: str
    task: str | None = Field(description="the ECS task's id; null outside ECS")
    zone: str | None = Field(description="the task's availability zone; null outside ECS")
    worker: int = Field(description="process id")
    saturation_percent: float = Field(description="busy slots of this worker's slots")


def read_task(uri: HttpUrl | None) -> dict[str, str | None]:
    """Return the task's id and availability zone, None outside ECS or when ECS does not answer.

    Keys: "Task metadata available for Amazon ECS tasks on Fargate", ECS developer guide.
    """
    if uri is None:
        return {"task": None, "zone": None}
    # urlopen would send this link-local request through HTTP_PROXY.
    connection = HTTPConnection(uri.host or "", uri.port, timeout=METADATA_TIMEOUT_S)
    try:
        connection.request("GET", f"{uri.path or ''}/task")
        metadata = json.loads(connection.getresponse().read())
        return {"task": metadata["TaskARN"].rpartition("/")[2], "zone": metadata["AvailabilityZone"]}
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("task metadata is not available", uri=str(uri), error=repr(error))
        return {"task": None, "zone": None}
    finally:
        connection.close()


def colour(version: str) -> str:
    """Return the colour of a version, the same in every task and after every start."""
    return COLOURS[hashlib.sha256(version.encode()).digest()[0] % len(COLOURS)]


def info() -> Info:
    """Return what this worker tells about itself."""
    version: str = current_app.config["VERSION"]
    return Info(
        version=version,
        environment=current_app.config["ENVIRONMENT"],
        colour=colour(version),
        hostname=socket.gethostname(),
        worker=os.getpid(),
        saturation_percent=round(100 * slots.busy / slots.total, 1) if slots.total else 0,
        **current_app.extensions["task"],
    )
