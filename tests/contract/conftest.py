"""The two halves side by side: what the templates say, and the Gunicorn that runs by it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.application import build_app
from tests.environments import ENVIRONMENTS
from tests.service.gunicorn_process import Server, free_port
from tests.wait import wait_for
from tools.assembly import Template, templates, variables, web_container

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.prefix) / "bin"
os.environ.setdefault("JSII_NODE", str(BIN / "node"))
PATHS = {"PATH": f"{BIN}:{os.environ['PATH']}"}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Every environment's template."""
    out = tmp_path_factory.mktemp("cdk.out")
    build_app(*ENVIRONMENTS, outdir=str(out)).synth()
    return templates(out)


@pytest.fixture(scope="session", params=[each.name for each in ENVIRONMENTS])
def template(request: pytest.FixtureRequest, made: dict[str, Template]) -> Template:
    """Each environment's template in turn."""
    return made[request.param]


@pytest.fixture(scope="session")
def container(template: Template) -> dict[str, Any]:
    """The container that runs the service."""
    return web_container(template)


@pytest.fixture(scope="session")
def server(container: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The container's own command under its own variables, on a free port."""
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            container["Command"],
            cwd=ROOT,
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
