"""Write the team's files in service/app and tests/app for an app that was found."""

from collections.abc import Mapping
from pathlib import Path

from tools.adopt.detect import Entry

APP, TESTS = Path("service", "app"), Path("tests", "app")

_SETTINGS = '''"""Yours: the settings of your app. Each field is an environment variable of the same name in capitals."""

from service.kit import Settings as KitSettings


class Settings(KitSettings):
    """The settings that are checked at the start beside those of the kit, such as `database_url: str`.

    The app reads its variables by itself, so none needs to stand here.
    """
'''
_CONFTEST = '''"""Yours: fixtures for the tests of your app."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

# What `make adopt` found; secrets have a value for tests alone.
VARIABLES = {variables}


@pytest.fixture(scope="session")
def client() -> Iterator[FlaskClient]:
    """Ask the app without a server. There is one app, because a module makes its app only once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        from service import create_app
        from service.app.settings import Settings

        yield create_app(Settings(environment="local", version="test", proxy_hops=1)).test_client()
'''
_TEST = '''"""Yours: the first test of your app. Put the others beside it."""

import pytest
from flask.testing import FlaskClient

# Warnings are errors in this repository's tests. Take this line out to see those of your app.
pytestmark = pytest.mark.filterwarnings("default")


def test_the_app_starts_and_is_healthy(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
'''


def entry_files(entry: Entry, variables: Mapping[str, str]) -> dict[Path, str]:
    """Return the team's files: the entry point, the settings, and a first test."""
    pairs = "".join(f"    {name!r}: {value!r},\n" for name, value in variables.items())
    return {
        APP / "__init__.py": _entry_point(entry),
        APP / "settings.py": _SETTINGS,
        TESTS / "conftest.py": _CONFTEST.replace("{variables}", f"{{\n{pairs}}}" if pairs else "{}"),
        TESTS / "test_app.py": _TEST,
    }


def _entry_point(entry: Entry) -> str:
    name, _, rest = entry.name.partition(".")
    package = entry.module.partition(".")[0]
    other = "create_adopted_app" if entry.factory else "adopted_app"
    made = f"{other}{f'.{rest}' if rest else ''}{f'({entry.arguments})' if entry.factory else ''}"
    imports = [f"from {entry.module} import {name} as {other}", "from flask import Flask"]
    # As isort sorts, for which the team's packages and Flask are alike.
    imports.sort(key=lambda line: line.split()[1].lower())
    code = "\n".join(imports)
    return f'''"""Yours: the entry point. The kit calls create_app, and installs itself in the app that it returns."""

{code}

from service.app.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Return the app of {package} in service/src; `settings` holds what settings.py declares."""
    del settings
    app: Flask = {made}
    return app
'''
