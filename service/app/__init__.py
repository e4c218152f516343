"""Yours: the Flask app. Put blueprints, templates and static files into this folder, or import your package.

The kit looks here for a function `create_app`, which returns a Flask app, or for a Flask app called `app` or
`application`. One line is enough: `from shop import create_app`. A function that is written here gets the
settings.
"""

from flask import Flask

from service.app import api, document, faults, page, task
from service.app.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Make the sample app, a page and an API that show which task answers."""
    app = Flask(__name__)
    app.config.update(VERSION=settings.version, ENVIRONMENT=settings.environment, FAULTS=settings.faults)
    # Each worker asks ECS once which task it runs in.
    app.extensions["task"] = task.read_task(settings.ecs_container_metadata_uri_v4)
    for module in (page, api, document):
        app.register_blueprint(module.bp)
    faults.init_app(app, allowed=settings.faults)
    return app
