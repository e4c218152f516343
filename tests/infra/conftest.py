"""Fixtures of the CDK half: a bare stack for one construct, and every environment's template, made once."""

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("JSII_NODE", str(Path(sys.prefix) / "bin" / "node"))

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.application import build_app, empty_app
from tests.environments import ENVIRONMENTS


@pytest.fixture(scope="session")
def app() -> cdk.App:
    """All environments; made and synthesised once."""
    return build_app(*ENVIRONMENTS)


@pytest.fixture(scope="session")
def manifest(app: cdk.App) -> dict[str, Any]:
    """What the CLI reads of the synth."""
    return dict(json.loads(Path(app.synth().directory, "manifest.json").read_text()))


@pytest.fixture(scope="session")
def templates(app: cdk.App) -> dict[str, Template]:
    """Every environment's template by name."""
    return {
        environment.name: Template.from_stack(cdk.Stack.of(app.node.find_child(f"Web-{environment.name}")))
        for environment in ENVIRONMENTS
    }


@pytest.fixture(params=[environment.name for environment in ENVIRONMENTS])
def template(request: pytest.FixtureRequest, templates: dict[str, Template]) -> Template:
    """Each environment's template in turn."""
    return templates[request.param]


@pytest.fixture
def stack() -> cdk.Stack:
    """A bare stack under the feature flags of cdk.json."""
    return cdk.Stack(empty_app(), "Test", env=cdk.Environment(region="eu-west-1"))
