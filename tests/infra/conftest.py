"""Make a bare stack for tests of one construct, and every environment's template, synthesised once."""

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
    """Make the app with all test environments, once for all tests."""
    return build_app(*ENVIRONMENTS)


@pytest.fixture(scope="session")
def manifest(app: cdk.App) -> dict[str, Any]:
    """Return the manifest of the synthesised app, which the CDK CLI reads."""
    return dict(json.loads(Path(app.synth().directory, "manifest.json").read_text()))


@pytest.fixture(scope="session")
def templates(app: cdk.App) -> dict[str, Template]:
    """Return every environment's template by the environment's name."""
    return {
        environment.name: Template.from_stack(cdk.Stack.of(app.node.find_child(f"Web-{environment.name}")))
        for environment in ENVIRONMENTS
    }


@pytest.fixture(params=[environment.name for environment in ENVIRONMENTS])
def template(request: pytest.FixtureRequest, templates: dict[str, Template]) -> Template:
    """Return each environment's template in turn."""
    return templates[request.param]


@pytest.fixture
def stack() -> cdk.Stack:
    """Make a bare stack under the feature flags of cdk.json."""
    return cdk.Stack(empty_app(), "Test", env=cdk.Environment(region="eu-west-1"))
