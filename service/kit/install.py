"""The production kit, all of it, for any Flask app."""

from flask import Flask

from service.kit import (
    access_log,
    browser_security,
    dev_server,
    errors,
    exchange,
    health,
    metrics,
    prometheus,
    proxy_headers,
    rate_limit,
    tracing,
)
from service.kit.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Make `app` fit for production; its config gets every setting by its name in capitals."""
    given = {name.upper(): value for name, value in settings if name != "secret_key"}
    app.config.from_mapping(given, MAX_CONTENT_LENGTH=settings.max_content_length_bytes)
    if settings.secret_key:
        app.config["SECRET_KEY"] = settings.secret_key.get_secret_value()

    errors.init_app(app)
    rate_limit.init_app(app)
    tracing.init_app(app)
    observers: list[exchange.Observer] = [access_log.write, metrics.init_app(app)]
    if observe := prometheus.init_app(app):
        observers.append(observe)
    # Each wraps those before it: a request passes dev_server, health, proxy, exchange, security, then Flask.
    browser_security.init_app(app)
    exchange.init_app(app, *observers)
    proxy_headers.init_app(app)
    health.init_app(app)
    dev_server.init_app(app)
