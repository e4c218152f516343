"""Refuse to start outside a developer's machine where sessions could be forged, or would fail.

Flask tells an app without SECRET_KEY only when the first visitor logs in.
"""

import sys
from collections.abc import Iterator
from types import CodeType
from typing import Any

import flask
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from service.kit import own_code, start
from service.kit.public_keys import is_public
from service.kit.settings import LOCAL, Settings

MIN_LENGTH = 16
HOW_TO_MAKE_ONE = (
    'Make one with python -c "import secrets; print(secrets.token_hex(32))", and give it as a secret of the '
    "environment (docs/your-app.md, Sessions)."
)
# An app that loads one of these writes sessions: forms, logins with passwords or at another site.
_LIBRARIES = ("flask_wtf", "flask_security", "flask_dance", "authlib.integrations.flask_client")


def check(app: Flask, settings: Settings) -> None:
    """Exit with a sentence if a key of the app is public, or if it has none and writes sessions."""
    if settings.environment == LOCAL:
        # `make run` answers without a secret; whoever knows this key reaches this machine alone.
        app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or "only on a developer's machine"
        return
    for name, key in _keys(app):
        text = key.decode("latin-1") if isinstance(key, bytes) else str(key)
        if is_public(text):
            start.refuse(
                f"{name} is a key that everybody knows, from documentation or a tutorial: anybody can make "
                f"sessions or tokens with it. {HOW_TO_MAKE_ONE}"
            )
        if len(text) < MIN_LENGTH:
            start.refuse(
                f"{name} has {len(text)} characters and can be found by trying (allowed: {MIN_LENGTH} or "
                f"more). {HOW_TO_MAKE_ONE}"
            )
    if not app.config["SECRET_KEY"] and (place := _writes_sessions(app)):
        start.refuse(f"the app uses sessions ({place}), and SECRET_KEY is not set. {HOW_TO_MAKE_ONE}")


def _keys(app: Flask) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each key in the app's config that signs something."""
    for name in ("SECRET_KEY", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY"):
        if app.config.get(name):
            yield name, app.config[name]
    for value in app.config.get("SECRET_KEY_FALLBACKS") or ():
        yield "SECRET_KEY_FALLBACKS", value


def _writes_sessions(app: Flask) -> str | None:
    """Return where the app uses Flask's sessions, as far as its code tells; None if it does not."""
    if type(app.session_interface) is not SecureCookieSessionInterface:
        return None  # it keeps them by itself
    for library in _LIBRARIES:
        if library in sys.modules:
            return library
    login = sys.modules.get("flask_login")
    used = [flask.session, flask.flash, *([login.login_user] if login else [])]
    for module, code in own_code.functions(app):
        names = {name for name, value in vars(module).items() if any(value is each for each in used)}
        if _uses(code, names):
            return module.__name__
    return None


def _uses(code: CodeType, names: set[str]) -> bool:
    # A name of the module that stands for flask.session; or flask.session itself, or an import of it inside.
    used = set(code.co_names)
    return bool(used & names) or ("flask" in used and bool(used & {"session", "flash"}))
