"""Describe the places that the tests write environments for, and an environment that runs everywhere."""

from typing import Any

from infra.elsewhere import (
    Images,
    cloud_run_job,
    cloud_run_jobs,
    cloud_run_service,
    cloud_run_workers,
    container_app,
    container_app_job,
    container_app_jobs,
    container_app_workers,
)
from infra.parameters import (
    Azure,
    Environment,
    ExistingDatabase,
    Google,
    GoogleSecret,
    Job,
    KeyVaultSecret,
    NewSecret,
    Place,
    SecureParameter,
    Sidecar,
    Tasks,
    Worker,
)

IMAGES = Images("example/web:1", "example/proxy:1", "1a2b3c4d5e6f")
GOOGLE = Google(project="acme-shop", region="europe-west1")
AZURE = Azure(
    subscription="00000000-0000-0000-0000-000000000001",
    resource_group="shop",
    location="westeurope",
    registry="acmeshop",
)
PLACES: tuple[Place, ...] = (GOOGLE, AZURE)
# The same on Fargate, Cloud Run and Container Apps.
PORTABLE = Environment(
    name="portable",
    tasks=Tasks(cpu=1024, memory_mib=2048, architecture="X86_64"),
    release_command=("flask", "db", "upgrade"),
    secrets={"SECRET_KEY": NewSecret()},
    variables={"GREETING": "hello"},
    sidecars=(Sidecar(name="statsd", image="statsd/statsd:v1", command=("statsd",)),),
    database=ExistingDatabase(
        host="10.0.0.5",
        name="shop",
        user="shop",
        password=SecureParameter(name="/web/password"),
        max_connections=2000,
    ),
    tags={"team": "web"},
    removal="destroy",
)
# The same, with something to do beside requests.
BUSY = PORTABLE.model_copy(
    update={
        "workers": (Worker(name="mail", command=("python", "-m", "shop.mail"), min=2, max=2),),
        "jobs": (Job(name="nightly", command=("flask", "report"), schedule="cron(0 3 ? * MON-FRI *)"),),
    }
)


def at(place: Place, environment: Environment, **changes: Any) -> Place:
    """Return the place, which knows where each secret of the environment is."""
    names = environment.all_secrets
    secrets: dict[str, Any] = (
        {name: GoogleSecret(name=f"web-{name.lower()}") for name in names}
        if isinstance(place, Google)
        else {name: KeyVaultSecret(vault="acme-shop", name="web", version="a" * 32) for name in names}
    )
    return place.model_copy(update={"secrets": secrets, **changes})


def manifests(environment: Environment, place: Place, images: Images = IMAGES) -> list[dict[str, Any]]:
    """Return the manifests that the place takes: of the service, the release command, workers, jobs."""
    if isinstance(place, Google):
        made = [
            cloud_run_service(environment, place, images),
            cloud_run_job(environment, place, images),
            *cloud_run_workers(environment, place, images),
            *cloud_run_jobs(environment, place, images),
        ]
    else:
        made = [
            container_app(environment, place, images),
            container_app_job(environment, place, images),
            *container_app_workers(environment, place, images).values(),
            *container_app_jobs(environment, place, images).values(),
        ]
    return [each for each in made if each]


def containers(environment: Environment, place: Place) -> dict[str, dict[str, Any]]:
    """Return the containers of the service's manifest by name."""
    template = manifests(environment, place)[0]
    found = (
        template["spec"]["template"]["spec"]["containers"]
        if isinstance(place, Google)
        else template["properties"]["template"]["containers"]
    )
    return {each["name"]: each for each in found}


def variables(environment: Environment, place: Place, container: str) -> dict[str, str]:
    """Return the variables of a container, as the manifest has them."""
    return {
        each["name"]: each["value"]
        for each in containers(environment, place)[container]["env"]
        if "value" in each
    }
