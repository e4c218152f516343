"""Put the kit together with an app that is not the team's."""

import shutil
from pathlib import Path

from flask import Flask

import service
from service.kit import Settings, init_app
from tests.service.kit_app import create_app

SERVICE = Path(service.__file__).parent
KIT_APP = Path(__file__).parent / "kit_app"
TEAMS = ("app", "src")


def installed(settings: Settings) -> Flask:
    """Return the tests' own app with the kit in it, put together as `service.create_app` does."""
    app = create_app(settings)
    init_app(app, settings)
    return app


def copy_kit(folder: Path, *, app: Path = KIT_APP) -> Path:
    """Copy the kit into a folder, with `app` as its `service/app`, and return the folder."""

    def teams_and_caches(parent: str, names: list[str]) -> list[str]:
        return [
            name for name in names if name == "__pycache__" or (Path(parent) == SERVICE and name in TEAMS)
        ]

    shutil.copytree(SERVICE, folder / "service", ignore=teams_and_caches)
    shutil.copytree(app, folder / "service" / "app", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "service" / "src").mkdir()
    return folder
