"""Warn of Flask-SocketIO where clients that begin with long polling would be lost."""

from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from infra.parameters import Environment

_FILES = ("requirements.txt", "requirements.in")


def warn_of_polling(scope: Construct, *, source: Path, parameters: Environment) -> None:
    """Add a warning if the app in `source` needs Flask-SocketIO, and clients reach more than one process."""
    lines = [line for name in _FILES if (source / name).is_file() for line in _lines(source / name)]
    if not any(line.startswith("flask-socketio") for line in lines):
        return
    workers, sticky_s = parameters.tasks.gunicorn_workers, parameters.routing.sticky_s
    if workers == 1 and sticky_s:
        return
    cdk.Annotations.of(scope).add_warning_v2(
        "flask-fargate:socketio",
        f"Flask-SocketIO is among the app's packages, tasks.workers is {workers} and routing.sticky_s is "
        f"{sticky_s}: a client's long polling reaches processes that do not know it, and fails with 400. Set "
        "workers to 1 and sticky_s to 3600 (docs/recipes/socketio.py), or let clients use WebSocket alone "
        "and accept this.",
    )


def _lines(path: Path) -> list[str]:
    return [line.strip().lower().replace("_", "-") for line in path.read_text().splitlines()]
