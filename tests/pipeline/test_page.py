"""Test that everything that docs/pipeline.md names exists."""

import re
import shlex
from pathlib import Path

import pytest

from infra.parameters import PREVIEW_BOUNDARY, PREVIEW_EXECUTION, PREVIEW_NETWORK, PREVIEW_STACKS
from tests.environments import preview
from tools.pipeline.__main__ import _parser
from tools.pipeline.freeze import LABEL
from tools.pipeline.inline import acceptance

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/pipeline.md").read_text()
COMMANDS = re.findall(r"python -m tools\.pipeline ([a-z][^\n`|]*)", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_called_as_they_want_to_be(command: str) -> None:
    assert _parser().parse_args(shlex.split(command))


def test_it_explains_every_workflow_that_it_has() -> None:
    named = set(re.findall(r"`([a-z-]+\.yml)`", PAGE))
    there = {path.name for path in (ROOT / ".github/workflows").glob("*.yml")}
    assert there - {"ci.yml", "release.yml"} <= named
    assert named <= there | {"gitlab-ci.yml"}


def test_fixed_names_are_as_they_are_in_the_code() -> None:
    policies = (PREVIEW_BOUNDARY, PREVIEW_EXECUTION, PREVIEW_NETWORK)
    for name in (*policies, PREVIEW_STACKS, LABEL, preview(123).name):
        assert name in PAGE
    assert f"--qualifier {preview(1).bootstrap_qualifier} " in PAGE
    assert acceptance("COMMIT", "BRANCH").startswith("accepted ")
    assert "accepted $token" in (ROOT / ".github/workflows/review.yml").read_text()
