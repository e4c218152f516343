"""Install the production kit in a Flask app."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from service.kit import (
    access_log,
    config,
    dev_server,
    errors,
    green_threads,
    layer,
    metrics,
    prometheus,
    rate_limit,
    sessions,
    static_checks,
    tracing,
    trusted_hosts,
)
from service.kit.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Make `app` fit for production; call this when the app is complete."""
    if "kit" in app.extensions:
        raise RuntimeError("init_app was called twice, or another extension of the app is called `kit`")
    green_threads.refuse()
    app.extensions["kit"] = settings
    static_checks.init_app(app)
    config.init_app(app, settings)
    sessions.check(app, settings)
    errors.init_app(app)
    with _before_the_apps_own_hooks(app):
        trusted_hosts.init_app(app)
        rate_limit.init_app(app, settings)
        tracing.init_app(app, settings)
    observers = [access_log.observer(settings), metrics.init_app(app, settings)]
    if observe := prometheus.observer(settings):
        observers.append(observe)
    layer.init_app(app, settings, *observers)
    dev_server.init_app(app, settings)


@contextmanager
def _before_the_apps_own_hooks(app: Flask) -> Iterator[None]:
    """Put hooks that are registered inside before those of the app.

    A rate limit that comes after a query in a hook of the app does not protect the database.
    """
    every: list[dict[str | None, list[Any]]]
    every = [app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs]
    own = [hooks.pop(None, []) for hooks in every]
    yield
    for hooks, functions in zip(every, own, strict=True):
        hooks.setdefault(None, []).extend(functions)
