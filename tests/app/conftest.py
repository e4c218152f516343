"""Yours: fixtures for the tests of your app. Delete this folder's tests together with the sample app."""

from collections.abc import Callable
from functools import partial

import pytest
from flask.testing import FlaskClient

from service import create_app
from service.app.settings import Settings
from tests.service.conftest import checkout, launch, variables
from tests.service.conftest import started as started_anywhere
from tests.service.gunicorn_process import ROOT, Server

__all__ = ["checkout", "launch", "started_anywhere", "variables"]


@pytest.fixture
def client() -> FlaskClient:
    """Ask the app without a server."""
    return create_app(Settings(environment="test", version="abc123", proxy_hops=1)).test_client()


@pytest.fixture(scope="session")
def started(started_anywhere: Callable[..., Server]) -> Callable[..., Server]:
    """Start the app as the image does, with further variables, and wait until it answers."""
    return partial(started_anywhere, checkout=ROOT)
