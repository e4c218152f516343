"""Provide the tests' own app with the kit in it, in this process or served by a real Gunicorn."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.kit import Settings
from tests.service.gunicorn_process import COMMAND, Server, Servers, free_port
from tests.service.installed import copy_kit, installed
from tests.wait import wait_for


@pytest.fixture(scope="session")
def variables() -> dict[str, str]:
    """Return the required variables, as a task definition sets them."""
    return {
        "ENVIRONMENT": "test",
        "VERSION": "abc123",
        "PORT": "8000",
        "PROXY_HOPS": "1",
        "GUNICORN_WORKERS": "2",
        "GUNICORN_THREADS": "4",
        "GUNICORN_TIMEOUT_S": "31",
        "GUNICORN_GRACEFUL_TIMEOUT_S": "11",
        "LAME_DUCK_S": "0",
    }


@pytest.fixture
def settings() -> Settings:
    return Settings(environment="test", version="abc123", proxy_hops=1)


@pytest.fixture
def app(settings: Settings) -> Flask:
    return installed(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in which `service` is the kit with the tests' own app."""
    return copy_kit(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def launch(
    variables: dict[str, str], checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Server]]:
    """Start a Gunicorn, with further arguments and variables (None removes one); all end with the session."""
    servers = Servers()

    def start(*arguments: str, checkout: Path = checkout, **changes: str | None) -> Server:
        folder = tmp_path_factory.mktemp("server")
        port = free_port()
        given = {**variables, "PORT": str(port), "PATH": os.environ["PATH"], **changes}
        return servers.start([*COMMAND, *arguments], env=given, port=port, folder=folder, cwd=checkout)

    yield start
    servers.end()


@pytest.fixture(scope="session")
def started(launch: Callable[..., Server]) -> Callable[..., Server]:
    """Start a Gunicorn as `launch` does, and wait until it answers."""

    def start(*arguments: str, **changes: Any) -> Server:
        server = launch(*arguments, **changes)
        wait_for(lambda: server.answers() or server.process.poll() is not None, "the first answer")
        assert server.process.poll() is None, server.stderr.read_text()
        return server

    return start
