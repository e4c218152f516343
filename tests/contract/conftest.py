"""Make the templates of the kit's test environments, and a Gunicorn that runs as they say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS
from tests.service.conftest import checkout
from tests.service.gunicorn_process import Server, free_port
from tests.wait import wait_for
from tools.assembly import Template, templates, variables, web_container

__all__ = ["checkout"]

BIN = Path(sys.prefix) / "bin"
os.environ.setdefault("JSII_NODE", str(BIN / "node"))
PATHS = {"PATH": f"{BIN}:{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Return the template of every environment."""
    out = tmp_path_factory.mktemp("cdk.out")
    build_app(*ENVIRONMENTS, outdir=str(out)).synth()
    return templates(out)


@pytest.fixture(scope="session", params=[each.name for each in ENVIRONMENTS])
def template(request: pytest.FixtureRequest, made: dict[str, Template]) -> Template:
    """Return the template of each environment in turn."""
    return made[request.param]


@pytest.fixture(scope="session")
def container(template: Template) -> dict[str, Any]:
    """Return the container that runs the service."""
    return web_container(template)


@pytest.fixture(scope="session")
def server(
    container: dict[str, Any], checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run the container's own command with its own variables, on a free port."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            container["Command"],
            cwd=checkout,
            env={**PATHS, **variables(container), "PORT": str(port)},
            stdout=stdout,
            stderr=stderr,
        )
    tls = "TLS_TO_TASKS" in variables(container)
    running = Server(process, port, folder / "stdout", folder / "stderr", tls=tls)
    try:
        wait_for(running.answers, "an answer of the container's command")
        yield running
    finally:
        process.terminate()
        process.wait()
