"""The reference app: a page and an API that show the kit at work. A team replaces this folder by its own."""

from flask import Flask

from service.reference import api, document, faults, page, task


def init_app(app: Flask) -> None:
    """Serve it all, and ask ECS, once per worker, which task this is."""
    app.extensions["task"] = task.read_task(app.config["ECS_CONTAINER_METADATA_URI_V4"])
    for module in (page, api, document):
        app.register_blueprint(module.bp)
    faults.init_app(app)
