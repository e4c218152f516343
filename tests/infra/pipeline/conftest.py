"""Make the pipeline of all environments and the previews in one account."""

from typing import Any

import pytest

from infra.parameters import Pipeline
from tests.environments import ENVIRONMENTS
from tests.infra.pipeline.synthesised import OURS, made


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the pipeline's template for all environments and the previews in one account."""
    folder = tmp_path_factory.mktemp("pipeline")
    return dict(made(folder, *ENVIRONMENTS, pipeline=Pipeline(source=OURS))["Pipeline"])
