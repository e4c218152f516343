"""Find the team's app in `service/app`: a `create_app`, or a Flask app called `app` or `application`."""

import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Flask

from service.kit.settings import Settings
from service.kit.start import CANNOT_START

ROOM = "service.app"


def team_app(settings: Settings) -> Flask:
    """Return the team's app, without the kit; exit with one line where there is none."""
    room = importlib.import_module(ROOM)
    factory = getattr(room, "create_app", None)
    app = _made(factory, settings) if callable(factory) else _ready(room)
    if not isinstance(app, Flask):
        _refuse(f"it gives {_kind(app)}, which is no Flask app. Name the Flask app that is inside of it")
    return app


def _ready(room: object) -> Any:
    for name in ("app", "application"):
        if isinstance(found := getattr(room, name, None), Flask):
            return found
    other = [name for name in ("app", "application") if callable(getattr(room, name, None))]
    if other:
        return getattr(room, other[0])
    return _refuse(
        "it has neither `create_app` nor `app` nor `application`. Import yours there, for example: "
        "from shop import create_app"
    )


def _made(factory: Callable[..., Any], settings: Settings) -> Any:
    """Call a factory: one that is written in service/app gets the settings, any other is the app's own."""
    parameters = inspect.signature(factory).parameters.values()
    module = getattr(factory, "__module__", "")
    needed = [
        each.name
        for each in parameters
        if each.default is each.empty and each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
    ]
    if parameters and f"{module}.".startswith(f"{ROOM}."):
        return factory(settings)
    if needed:
        names = ", ".join(needed)
        _refuse(
            f"its create_app needs {names}. Write a function there that gives it: "
            f"def create_app(settings): return {module.partition('.')[0]}.create_app({names}=...)"
        )
    return factory()


def _kind(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _refuse(why: str) -> NoReturn:
    # Gunicorn takes this code for a worker that can never start: it ends itself, and with it the task.
    print(
        f"service cannot start: service/app/__init__.py is the app's entry, and {why}.",
        file=sys.stderr,
        flush=True,
    )
    sys.exit(CANNOT_START)
