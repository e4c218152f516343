"""Ask the place how a deployment ended: its address when it is healthy, else the cause and the last lines."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from infra.parameters import Azure, Environment, Google, Place
from tools import causes
from tools.elsewhere.deploying import output
from tools.elsewhere.google import Gcloud
from tools.log_lines import readable
from tools.show import console

_LINES = 20


class _Kind(NamedTuple):
    """Hold what Cloud Run and its log call a service or a pool of workers."""

    command: str
    resource: str
    label: str


# https://docs.cloud.google.com/logging/docs/api/v2/resource-list
_SERVICE = _Kind("services", "cloud_run_revision", "service_name")
_POOL = _Kind("worker-pools", "cloud_run_worker_pool", "worker_pool_name")


class Outcome(NamedTuple):
    """Tell whether the new version serves: its address, or why not, and the last lines that it wrote."""

    healthy: bool
    said: str
    log: list[str]


def outcome(environment: Environment, place: Place, ask: Callable[[str], str] = output) -> Outcome:
    """Return how the last deployment to the place ended: of the service, then of each worker."""
    name = f"web-{environment.name}"
    workers = [each.name for each in environment.workers]
    if isinstance(place, Google):
        found = _google(name, place, ask, _SERVICE)
        others = (_google(f"{name}-{each}", place, ask, _POOL) for each in workers)
    else:
        found = _azure(name, place, ask)
        others = (_azure(f"{name}-{each}", place, ask, container=each) for each in workers)
    # Nobody asks further once one has failed: the first cause is told.
    worst = next((each for each in others if not each.healthy), found) if found.healthy else found
    if worst.healthy and place.edge and environment.domain:
        return worst._replace(said=f"https://{environment.domain.name}, once its DNS leads there")
    return worst


def tell(found: Outcome, *, place: Place) -> int:
    """Print it as `make why` does; the exit code is 0 when the version is healthy."""
    if found.healthy:
        console.print(f"Healthy: {found.said}", markup=False)
        return 0
    console.print(f"Not healthy on {place.title}: {found.said}", markup=False)
    if known := causes.of([f"task: {found.said}", *(f"log: {line}" for line in found.log)]):
        console.print(f"[bold]Cause[/]  {known.cause}", f"[bold]Fix[/]    {known.fix}\n", sep="\n")
    if found.log:
        console.print("[bold]Its last lines[/]")
    for line in (shown for each in found.log for shown in readable(each)):
        console.print(f"  {line}", markup=False)
    return 1


def _google(name: str, place: Google, ask: Callable[[str], str], kind: _Kind) -> Outcome:
    gcloud = Gcloud(place)
    asked = gcloud(f"run {kind.command} describe {name} --region {place.region} --format json")
    service = json.loads(ask(asked))
    status = service.get("status", {})
    ready: dict[str, Any] = next(
        (each for each in status.get("conditions", []) if each["type"] == "Ready"), {}
    )
    revision = status.get("latestCreatedRevisionName")
    if ready.get("status") == "True" and revision == status.get("latestReadyRevisionName"):
        return Outcome(healthy=True, said=status.get("url", name), log=[])
    wanted = (
        f'resource.type="{kind.resource}" AND resource.labels.{kind.label}="{name}" AND '
        f'resource.labels.revision_name="{revision}"'
    )
    lines = json.loads(ask(gcloud(f"logging read '{wanted}' --limit {_LINES} --order desc --format json")))
    return Outcome(
        healthy=False,
        said=ready.get("message") or f"revision {revision} is not ready yet",
        log=[_line(each) for each in reversed(lines)],
    )


def _line(entry: dict[str, Any]) -> str:
    return str(entry["textPayload"]) if "textPayload" in entry else json.dumps(entry.get("jsonPayload", {}))


def _azure(name: str, place: Azure, ask: Callable[[str], str], *, container: str = "web") -> Outcome:
    app = f"--name {name} --resource-group '{place.resource_group}' --subscription {place.subscription}"
    properties = json.loads(ask(f"az containerapp show {app} --output json"))["properties"]
    latest, ready = properties.get("latestRevisionName"), properties.get("latestReadyRevisionName")
    if properties.get("provisioningState") == "Succeeded" and latest and latest == ready:
        ingress = properties["configuration"].get("ingress") or {}
        return Outcome(healthy=True, said=f"https://{ingress['fqdn']}" if ingress else name, log=[])
    revision = json.loads(ask(f"az containerapp revision show {app} --revision {latest} --output json"))
    state = revision["properties"]
    said = state.get("provisioningError") or state.get("runningStateDetails") or state.get("runningState")
    lines = ask(
        f"az containerapp logs show {app} --revision {latest} --container {container} --tail {_LINES} "
        "--format text"
    )
    return Outcome(healthy=False, said=f"revision {latest}: {said}", log=lines.strip().splitlines())
