"""The Flask service: `create_app` installs the production kit in the team's app."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from service import cache_url, database_url

if TYPE_CHECKING:
    from service.app.settings import Settings

# The team's packages keep their own names. First, so that one called `app` is not taken for the repository's
# app.py; here, so that it is the same under Gunicorn, `flask --app service` and tests.
sys.path.insert(0, str(Path(__file__).parent / "src"))
# Before any of the team's modules, which may read the variables when they are imported.
database_url.compose(os.environ)
cache_url.compose(os.environ)


def create_app(settings: "Settings | None" = None) -> Flask:
    """Return the app that Gunicorn serves.

    Without `settings` they are read from the environment; a wrong one ends the process with one line.
    """
    # Imported here because Gunicorn's master imports this package to find its configuration: a database pool
    # that a module of the app opens at import would be shared by all workers forked afterwards.
    from service.app.settings import Settings  # noqa: PLC0415
    from service.kit import init_app, load, team_app  # noqa: PLC0415

    settings = settings or load(Settings)
    app = team_app(settings)
    init_app(app, settings)
    return app
