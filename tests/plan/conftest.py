"""Synthesise the kit's environments once for all tests of plans."""

from pathlib import Path

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS
from tools.assembly import Template, templates


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Return the templates of dev, staging and prod."""
    folder: Path = tmp_path_factory.mktemp("plan")
    build_app(*ENVIRONMENTS, outdir=str(folder)).synth()
    return templates(folder)
