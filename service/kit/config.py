"""Bring the settings of the kit and the config of the app together, and remember what the app should be told.

What the app has set stays. A variable goes before it, of two limits the stricter one counts, and the kit's
defaults fill what nobody has set.
"""

from flask import Flask
from pydantic import SecretStr

from service.kit import own_code
from service.kit.settings import Settings

MIB = 1024**2


def init_app(app: Flask, settings: Settings) -> None:
    """Set the few keys of Flask that the kit has a value for."""
    told = app.extensions["kit_told"] = []
    for name, value in app.config.items():
        # It would be used for the key, or sent as the password: the text '**********'.
        if isinstance(value, SecretStr):
            app.config[name] = value.get_secret_value()
            told.append(f"config {name} was a SecretStr and is its value now: hand over .get_secret_value()")
    if settings.secret_key:
        _replace(app, "SECRET_KEY", settings.secret_key.get_secret_value(), told)
    if settings.trusted_hosts:
        _replace(app, "TRUSTED_HOSTS", settings.trusted_hosts, told)
    _limit_bodies(app, settings.max_content_length_bytes, told)
    if any("max_content_length" in code.co_names for _, code in own_code.functions(app)):
        told.append("the app sets request.max_content_length: max_body_mib of the environment bounds it, too")
    # Flask itself hides session cookies from scripts, unless the app says otherwise.
    app.config["SESSION_COOKIE_SAMESITE"] = app.config["SESSION_COOKIE_SAMESITE"] or "Lax"


def told(app: Flask) -> list[str]:
    """Return sentences about what is otherwise than the app has set it, to be said once at the start."""
    sentences: list[str] = app.extensions.get("kit_told", [])
    return sentences


def _replace(app: Flask, name: str, value: object, told: list[str]) -> None:
    own, app.config[name] = app.config.get(name), value
    if own and own != value:
        told.append(f"the variable {name} goes before the config {name} of the app")


def _limit_bodies(app: Flask, limit: int, told: list[str]) -> None:
    # Every environment sets a limit, and the proxy refuses larger bodies: the app can only lower it.
    own = app.config["MAX_CONTENT_LENGTH"]
    app.config["MAX_CONTENT_LENGTH"] = limit if own is None else min(own, limit)
    if own is None or own == limit:
        return
    stricter = "MAX_CONTENT_LENGTH of the app" if own < limit else "max_body_mib of the environment"
    counts = min(own, limit)
    size = f"{counts / MIB:.3g} MiB" if counts >= MIB else f"{counts} bytes"
    told.append(f"bodies may have {size} by {stricter}, the stricter of two limits")
