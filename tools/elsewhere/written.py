"""Write the manifests of an environment, once they have passed the vendor's schema."""

from pathlib import Path
from typing import Any

from infra.elsewhere import (
    Images,
    api_version,
    cloud_run_job,
    cloud_run_mistakes,
    cloud_run_service,
    container_app,
    container_app_job,
    container_app_mistakes,
    refuse,
)
from infra.parameters import Azure, Environment, Google, Place
from tools.elsewhere.alerting import alerting
from tools.elsewhere.azure import azure_steps
from tools.elsewhere.checked import file as _file
from tools.elsewhere.edge import edge
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
    service, job = cloud_run_service(environment, place, made), cloud_run_job(environment, place, made)
    paths = [
        _file(folder / f"{each['metadata']['name']}.yaml", each, cloud_run_mistakes(each))
        for each in (service, job)
        if each
    ]
    return google_steps(environment, place, made, service=paths[0], job=paths[1] if job else None)


def _azure(environment: Environment, place: Azure, made: Images, folder: Path) -> list[Step]:
    name = f"web-{environment.name}"
    app, job = container_app(environment, place, made), container_app_job(environment, place, made)
    paths = [
        _file(folder / f"{name}.json", _template(name, "containerApps", app), container_app_mistakes(app)),
        *(
            [
                _file(
                    folder / f"{name}-release.json",
                    _template(f"{name}-release", "jobs", job),
                    container_app_mistakes(job, kind="Job"),
                )
            ]
            if job
            else []
        ),
    ]
    return azure_steps(environment, place, made, app=paths[0], job=paths[1] if job else None)


def _template(name: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    resource = {"type": f"Microsoft.App/{kind}", "apiVersion": api_version(), "name": name, **body}
    return {"$schema": _TEMPLATE, "contentVersion": "1.0.0.0", "resources": [resource]}
