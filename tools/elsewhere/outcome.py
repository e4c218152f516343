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


class Outcome(NamedTuple):
    """Tell whether the new version serves: its address, or why not, and the last lines that it wrote."""

    healthy: bool
    said: str
    log: list[str]


def outcome(environment: Environment, place: Place, ask: Callable[[str], str] = output) -> Outcome:
    """Return how the environment's last deployment to the place ended."""
    name = f"web-{environment.name}"
    found = _google(name, place, ask) if isinstance(place, Google) else _azure(name, place, ask)
    if found.healthy and place.edge and environment.domain:
        return found._replace(said=f"https://{environment.domain.name}, once its DNS leads there")
    return found


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


def _google(name: str, place: Google, ask: Callable[[str], str]) -> Outcome:
    gcloud = Gcloud(place)
    service = json.loads(ask(gcloud(f"run services describe {name} --region {place.region} --format json")))
    status = service.get("status", {})
    ready: dict[str, Any] = next(
        (each for each in status.get("conditions", []) if each["type"] == "Ready"), {}
    )
    revision = status.get("latestCreatedRevisionName")
    if ready.get("status") == "True" and revision == status.get("latestReadyRevisionName"):
        return Outcome(healthy=True, said=status["url"], log=[])
    wanted = (
        f'resource.type="cloud_run_revision" AND resource.labels.service_name="{name}" AND '
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


def _azure(name: str, place: Azure, ask: Callable[[str], str]) -> Outcome:
    app = f"--name {name} --resource-group '{place.resource_group}' --subscription {place.subscription}"
    properties = json.loads(ask(f"az containerapp show {app} --output json"))["properties"]
    latest, ready = properties.get("latestRevisionName"), properties.get("latestReadyRevisionName")
    if properties.get("provisioningState") == "Succeeded" and latest and latest == ready:
        return Outcome(healthy=True, said=f"https://{properties['configuration']['ingress']['fqdn']}", log=[])
    revision = json.loads(ask(f"az containerapp revision show {app} --revision {latest} --output json"))
    state = revision["properties"]
    said = state.get("provisioningError") or state.get("runningStateDetails") or state.get("runningState")
    lines = ask(
        f"az containerapp logs show {app} --revision {latest} --container web --tail {_LINES} --format text"
    )
    return Outcome(healthy=False, said=f"revision {latest}: {said}", log=lines.strip().splitlines())
