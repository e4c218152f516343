"""Write the manifests of an environment, once they have passed the vendor's schema."""

from pathlib import Path
from typing import Any

from infra.elsewhere import (
    Images,
    api_version,
    cloud_run_job,
    cloud_run_jobs,
    cloud_run_mistakes,
    cloud_run_service,
    cloud_run_workers,
    container_app,
    container_app_job,
    container_app_jobs,
    container_app_mistakes,
    container_app_workers,
    refuse,
)
from infra.parameters import Azure, Environment, Google, Place
from tools.elsewhere.alerting import alerting
from tools.elsewhere.azure import azure_steps
from tools.elsewhere.edge import edge
from tools.elsewhere.files import Files, file
from tools.elsewhere.google import google_steps
from tools.elsewhere.steps import Step

FOLDER = Path("cdk.out/elsewhere")
_TEMPLATE = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def written(environment: Environment, place: Place, made: Images, folder: Path = FOLDER) -> list[Step]:
    """Write the manifests into a folder and return what to run with them.

    Raises RefusedError if the place cannot have the environment.
    """
    refuse(environment, place)
    folder.mkdir(parents=True, exist_ok=True)
    steps = (
        _google(environment, place, made, folder)
        if isinstance(place, Google)
        else _azure(environment, place, made, folder)
    )
    return [*steps, *edge(environment, place, folder), *alerting(environment, place, folder)]


def _google(environment: Environment, place: Google, made: Images, folder: Path) -> list[Step]:
    def manifest(each: dict[str, Any]) -> Path:
        return file(folder / f"{each['metadata']['name']}.yaml", each, cloud_run_mistakes(each))

    job = cloud_run_job(environment, place, made)
    workers = zip(environment.workers, cloud_run_workers(environment, place, made), strict=True)
    jobs = zip(environment.jobs, cloud_run_jobs(environment, place, made), strict=True)
    files = Files(
        service=manifest(cloud_run_service(environment, place, made)),
        release=manifest(job) if job else None,
        workers={worker.name: manifest(each) for worker, each in workers},
        jobs={job.name: manifest(each) for job, each in jobs},
    )
    return google_steps(environment, place, made, files=files)


def _azure(environment: Environment, place: Azure, made: Images, folder: Path) -> list[Step]:
    def template(kind: str, body: dict[str, Any], name: str = "") -> Path:
        whole = "-".join(filter(None, ("web", environment.name, name)))
        mistakes = container_app_mistakes(body, kind="Job" if kind == "jobs" else "ContainerApp")
        return file(folder / f"{whole}.json", _template(whole, kind, body), mistakes)

    job = container_app_job(environment, place, made)
    workers = container_app_workers(environment, place, made)
    jobs = container_app_jobs(environment, place, made)
    files = Files(
        service=template("containerApps", container_app(environment, place, made)),
        release=template("jobs", job, "release") if job else None,
        workers={name: template("containerApps", each, name) for name, each in workers.items()},
        jobs={name: template("jobs", each, name) for name, each in jobs.items()},
    )
    return azure_steps(environment, place, made, files=files)


def _template(name: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    resource = {"type": f"Microsoft.App/{kind}", "apiVersion": api_version(), "name": name, **body}
    return {"$schema": _TEMPLATE, "contentVersion": "1.0.0.0", "resources": [resource]}
