"""The Flask service: `create_app` puts the production kit and the team's own routes together."""

from flask import Flask

from service.settings import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """The app that Gunicorn serves; without settings it reads them from the environment or exits."""
    # Imported here because Gunicorn's master imports this package to find its configuration: a database pool
    # that some module opens at import would be shared by all workers forked afterwards.
    from service import (  # noqa: PLC0415
        access_log,
        dev_server,
        errors,
        exchange,
        health,
        metrics,
        prometheus,
        proxy,
        rate_limit,
        reference,
        security,
        tracing,
    )

    settings = settings or load(Settings)
    app = Flask(__name__)
    app.config.from_mapping({name.upper(): value for name, value in settings})
    app.config["MAX_CONTENT_LENGTH"] = settings.max_content_length_bytes
    app.config["SECRET_KEY"] = settings.secret_key and settings.secret_key.get_secret_value()

    reference.init_app(app)

    errors.init_app(app)
    rate_limit.init_app(app)
    tracing.init_app(app)
    app.extensions["metrics"] = recorder = metrics.Recorder()
    observers: list[exchange.Observer] = [access_log.write, recorder.record]
    if observe := prometheus.init_app(app):
        observers.append(observe)
    # Each of these wraps the ones before it: a request passes health, proxy, exchange, security, then Flask.
    dev_server.init_app(app)
    security.init_app(app)
    exchange.init_app(app, *observers)
    proxy.init_app(app)
    health.init_app(app)
    return app
