"""Fixtures of the recipes: all of them synthesised once, with every validation on."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cdk.out with a stack for each recipe, made by a process of its own, where the CDK validates."""
    folder = tmp_path_factory.mktemp("recipes")
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    # What it found is in its report, which the tests read.
    subprocess.run(
        [sys.executable, "-m", "tests.recipes.stacks", folder],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    )
    return folder


@pytest.fixture(scope="session")
def template(synthesised: Path) -> Callable[[str], Template]:
    """The template of a recipe's stack, by its name."""

    def read(name: str) -> Template:
        return Template.from_json(json.loads((synthesised / f"Web-{name}.template.json").read_text()))

    return read


@pytest.fixture(scope="session")
def reports(synthesised: Path) -> list[dict[str, Any]]:
    """What each validation plugin found."""
    report = json.loads((synthesised / "validation-report.json").read_text())
    return list(report["pluginReports"])


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    """Of a server whose answer to /404 is 404."""
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
