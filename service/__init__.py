"""The Flask service: `create_app` puts the production kit and the team's own routes together."""

from flask import Flask

from service.settings import Settings, load


def create_app(settings: Settings | None = None) -> Flask:
    """The app that Gunicorn serves; without settings it reads them from the environment or exits."""
    # Imported here because Gunicorn's master imports this package to find its configuration: a database pool
    # that some module opens at import would be shared by all workers forked afterwards.
    from service import kit, reference  # noqa: PLC0415

    app = Flask(__name__)
    kit.init_app(app, settings or load(Settings))
    reference.init_app(app)
    return app
