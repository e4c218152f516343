"""The vendors' own clients take what is written, and their files still make the schemas that are kept."""

import json
import subprocess
from typing import Any

from infra.elsewhere import cloud_schedule
from tests.checkout import ROOT
from tests.elsewhere.examples import AZURE, BUSY, GOOGLE, PORTABLE, at, manifests
from tests.elsewhere.fakes import FAILED, CloudRun, CloudScheduler, ResourceManager, standing

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


def test_googles_clients_deploy_roll_back_start_and_delete_workers_and_jobs() -> None:
    _, _, pool, job = manifests(BUSY, at(GOOGLE, BUSY))
    given = {"pool": pool, "job": job, "schedule": cloud_schedule(BUSY.jobs[0], BUSY, GOOGLE)}
    with standing(CloudRun) as (run, _), standing(CloudScheduler) as (scheduler, asked):
        seen = client("google_work_client", given, run, scheduler, GOOGLE.project)
    first = [{"revisionName": "web-portable-mail-00001", "percent": 100}]
    assert seen["pool"]["created"]["instanceSplits"] == first
    assert seen["pool"]["updated"]["latestReadyRevisionName"] == "web-portable-mail-00002"
    assert seen["pool"]["rolled back"]["instanceSplits"] == first
    assert seen["pool"]["broken"]["conditions"][0]["message"] == FAILED
    assert seen["job"] == {"started": "Execution", "deleted": 404}
    assert seen["schedule"] == {"schedule": "0 4 * * *", "state": "ENABLED", "deleted": 404}
    assert asked[0] == "POST /v1/projects/acme-shop/locations/europe-west1/jobs"


def test_microsofts_client_deploys_starts_and_deletes_workers_and_jobs() -> None:
    _, _, app, job = manifests(BUSY, at(AZURE, BUSY))
    with standing(ResourceManager) as (address, _):
        given = {"app": app, "job": job}
        seen = client("azure_work_client", given, address, AZURE.subscription, AZURE.resource_group)
    # Typed by the client: a field of another name would be None there.
    assert seen["app"] == {
        "state": "Succeeded",
        "revisions": ["web-portable-mail--1", "web-portable-mail--2"],
        "ingress": None,
        "grace": 65,
        "replicas": [2, 2],
        "rule": ["cpu", {"type": "Utilization", "value": "70"}],
        "deleted": 404,
    }
    assert seen["job"] == {
        "state": "Succeeded",
        "when": "0 3 * * 1-5",
        "timeout": 3630,
        "runs": ["Succeeded"],
        "deleted": 404,
    }


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
