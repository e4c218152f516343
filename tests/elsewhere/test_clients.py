"""The vendors' own clients take what is written, and their files still make the schemas that are kept."""

import json
import subprocess
from typing import Any

from tests.checkout import ROOT
from tests.elsewhere.examples import AZURE, GOOGLE, PORTABLE, at, manifests
from tests.elsewhere.fakes import FAILED, CloudRun, ResourceManager, standing

PYTHON = ROOT / ".local/elsewhere/bin/python"
CLIENTS = ROOT / "workshop/elsewhere"


def client(name: str, document: dict[str, Any], *arguments: str) -> dict[str, Any]:
    """Return what a client saw."""
    done = subprocess.run(
        [PYTHON, CLIENTS / f"{name}.py", *arguments],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_googles_client_deploys_updates_rolls_back_and_deletes_the_service() -> None:
    service = manifests(PORTABLE, at(GOOGLE, PORTABLE))[0]
    with standing(CloudRun) as (address, asked):
        seen = client("google_client", service, address, GOOGLE.project)
    assert seen["created"]["latestReadyRevisionName"] == "web-portable-00001"
    assert seen["updated"]["traffic"] == [{"revisionName": "web-portable-00002", "percent": 100}]
    assert seen["rolled back"]["traffic"] == [{"revisionName": "web-portable-00001", "percent": 100}]
    assert seen["broken"]["conditions"][0]["message"] == FAILED
    assert seen["broken"]["traffic"] == seen["rolled back"]["traffic"]
    assert seen["deleted"] == 404
    assert all("/namespaces/acme-shop/services" in each for each in asked)


def test_microsofts_client_deploys_updates_moves_traffic_and_deletes_the_app() -> None:
    app = manifests(PORTABLE, at(AZURE, PORTABLE))[0]
    with standing(ResourceManager) as (address, asked):
        names = (AZURE.subscription, AZURE.resource_group, "web-portable")
        seen = client("azure_client", app, address, *names)
    # Typed by the client: a field of another name would be None there.
    assert seen["created"] == {
        "state": "Succeeded",
        "revision": "web-portable--1",
        "grace": app["properties"]["template"]["terminationGracePeriodSeconds"],
        "probes": ["Startup", "Readiness"],
        "traffic": [[None, 100]],
    }
    assert seen["updated"]["revision"] == "web-portable--2"
    assert seen["moved"]["traffic"] == [["web-portable--1", 90], ["web-portable--2", 10]]
    assert FAILED in seen["broken"]
    assert seen["deleted"] == 404
    assert any(each.startswith("GET /operations/") for each in asked)


def test_the_schemas_are_those_of_the_vendors_files() -> None:
    done = subprocess.run(
        [PYTHON, "-m", "workshop.elsewhere.schemas", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
