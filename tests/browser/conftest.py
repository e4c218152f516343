"""Serve the kit with a real Gunicorn, for a real browser."""

from tests.service.conftest import checkout, launch, started, variables

__all__ = ["checkout", "launch", "started", "variables"]
