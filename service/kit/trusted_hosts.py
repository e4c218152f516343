"""Refuse requests for hosts that are not in TRUSTED_HOSTS, where Flask itself does not: before 3.1."""

from flask import Flask
from flask.globals import request_ctx


def init_app(app: Flask) -> None:
    """Check the host of each request before anything of the app runs; Flask 3.1 does so by itself."""
    if "TRUSTED_HOSTS" in Flask.default_config:
        return

    @app.before_request
    def check() -> None:
        if hosts := app.config.get("TRUSTED_HOSTS"):
            request = request_ctx.request
            request.trusted_hosts = list(hosts)
            vars(request).pop("host", None)  # it is kept once it was asked for
            _ = request.host  # raises SecurityError, which is answered 400
