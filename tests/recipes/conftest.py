"""Synthesise all recipes once, with every validation on."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.kit_checkout import ROOT, check_out, synth

ENVIRONMENTS = """from infra.additions import RECIPES
from infra.parameters import Alarms, Environment

TOLD = Alarms(email="ops@test.dev")
ENVIRONMENTS = tuple(Environment(name=name, alarms=TOLD, **values) for name, (values, _) in RECIPES.items())
PIPELINE = None
preview = None
"""


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesise a stack for each recipe, copied and called as a team does it, with every validation."""
    folder = tmp_path_factory.mktemp("recipes")
    checkout = check_out(folder / "checkout")
    shutil.copytree(ROOT / "docs" / "recipes", checkout / "infra" / "recipes")
    additions = (
        (ROOT / "tests" / "recipes" / "stacks.py").read_text().replace("docs.recipes", "infra.recipes")
    )
    (checkout / "infra" / "additions.py").write_text(additions.replace("docs.recipes", "infra.recipes"))
    (checkout / "infra" / "environments.py").write_text(ENVIRONMENTS)
    # A validation's findings do not fail the synth here: they are in its report, which the tests read.
    done = synth(checkout, out=folder / "cdk.out", validate=True)
    assert (folder / "cdk.out" / "validation-report.json").exists(), done.stderr
    return folder / "cdk.out"


@pytest.fixture(scope="session")
def template(synthesised: Path) -> Callable[[str], Template]:
    """Return a function that reads the template of a recipe's stack by its name."""

    def read(name: str) -> Template:
        return Template.from_json(json.loads((synthesised / f"Web-{name}.template.json").read_text()))

    return read


@pytest.fixture(scope="session")
def reports(synthesised: Path) -> list[dict[str, Any]]:
    """Return the findings of each validation plugin."""
    report = json.loads((synthesised / "validation-report.json").read_text())
    return list(report["pluginReports"])


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    """Yield the URL of a server that answers with the status in the path: 404 for /404."""
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
