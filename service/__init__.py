"""The Flask service: `create_app` puts the production kit and the team's own routes together."""

from flask import Flask

from service.settings import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """The app that Gunicorn serves; without settings it reads them from the environment or exits."""
    # Imported here because Gunicorn's master imports this package to find its configuration: a database pool
    # that some module opens at import would be shared by all workers forked afterwards.
    from service import access_log, errors, health, proxy, which_task  # noqa: PLC0415

    settings = settings or load(Settings)
    app = Flask(__name__)
    app.config.from_mapping({name.upper(): value for name, value in settings})
    app.config["MAX_CONTENT_LENGTH"] = settings.max_content_length_bytes

    which_task.init_app(app)

    errors.init_app(app)
    # Each of these wraps the ones before it: a request passes health, proxy, access_log, then Flask.
    access_log.init_app(app)
    proxy.init_app(app)
    health.init_app(app)
    return app
