"""Synthesise whatever the team has written, once: all its environments, a preview, its own resources."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.environments import ENVIRONMENTS, preview
from infra.parameters import SharedLoadBalancer
from tools.assembly import Template, templates, web_container

ROOT = Path(__file__).resolve().parents[2]
DEAD = "http://127.0.0.1:9"  # a proxy that ends every attempt to reach out
NAMES = [environment.name for environment in ENVIRONMENTS]


def has_previews() -> bool:
    """Return whether a preview has the environment whose load balancer it uses."""
    balancer = preview(1).load_balancer
    return not isinstance(balancer, SharedLoadBalancer) or balancer.owner in NAMES


STACKS = [*NAMES, preview(1).name] if has_previews() else NAMES


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return cdk.out of a synth with all validations, no credentials, no Docker and no network."""
    folder = tmp_path_factory.mktemp("project")
    environment = {
        "PATH": str(Path(sys.prefix) / "bin"),
        "HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "service" / "src"), str(ROOT))),
        "HTTP_PROXY": DEAD,
        "HTTPS_PROXY": DEAD,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps({"preview": "1"} if has_previews() else {}),
    }
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "cdk.out"


@pytest.fixture(scope="session")
def made(out: Path) -> dict[str, Template]:
    """Return the template of each environment by its name."""
    return templates(out)


@pytest.fixture(params=STACKS)
def template(request: pytest.FixtureRequest, made: dict[str, Template]) -> Template:
    """Return each environment's template in turn."""
    return made[request.param]


@pytest.fixture
def container(template: Template) -> dict[str, Any]:
    """Return the definition of the container that runs the service."""
    return web_container(template)
