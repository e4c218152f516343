"""Write the schemas in infra/elsewhere/schemas, from the vendors' files that the packages beside this have.

Run it by `make elsewhere-schemas`, in the environment of requirements.txt. A schema is closed: a field that
the vendor does not know is refused.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import azure.mgmt.appcontainers as apps
import azure.mgmt.cdn as cdn
import azure.mgmt.frontdoor as frontdoor
import azure.mgmt.monitor as monitor
from azure.mgmt.appcontainers import types as app_types
from azure.mgmt.cdn import types as cdn_types
from azure.mgmt.frontdoor.models import _models as frontdoor_classes
from azure.mgmt.monitor.models import _models_py3 as monitor_classes

from workshop.elsewhere.arm import of_classes, of_dictionaries
from workshop.elsewhere.terraform import google_resources

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "elsewhere" / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_RUN_KINDS = ("Service", "Job", "WorkerPool")


def cloud_run() -> dict[str, Any]:
    """Return the schema of Cloud Run's manifests, and the annotations that each kind of object takes."""
    schemas, made = _discovered("run.v1.json", _RUN_KINDS)
    return {
        **made,
        "annotations": _annotations(schemas["ObjectMeta"]["properties"]["annotations"]["description"]),
    }


def cloud_scheduler() -> dict[str, Any]:
    """Return the schema of Cloud Scheduler's jobs."""
    return _discovered("cloudscheduler.v1.json", ("Job",))[1]


def _discovered(file: str, kinds: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the nodes of a discovery document, and the closed schema of some kinds."""
    name = "google-api-python-client"
    folder = files("googleapiclient.discovery_cache.documents")
    document = json.loads((folder / file).read_text(encoding="utf-8"))
    schemas = document["schemas"]
    return schemas, {
        "$schema": DRAFT,
        "$comment": f"Made from {file}, revision {document['revision']}, of {name} {version(name)}.",
        "$defs": {each: _closed(schemas[each]) for each in sorted(_reachable(schemas, kinds))},
    }


def _annotations(text: str) -> dict[str, list[str]]:
    found = re.finditer(r"\* `([^`]+)`: ([A-Za-z, ]+)", text)
    return {each[1]: sorted(filter(None, (kind.strip() for kind in each[2].split(",")))) for each in found}


def _unsupported(node: dict[str, Any]) -> bool:
    return bool(re.match(r"Not (currently )?(supported|used)( by Cloud Run)?\b", node.get("description", "")))


def _closed(node: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a node of a discovery document, without fields that it calls unsupported."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    made: dict[str, Any] = {key: node[key] for key in ("type", "enum", "pattern") if key in node}
    if made.get("type") == "any":
        del made["type"]
    if "items" in node:
        made["items"] = _closed(node["items"])
    if "properties" in node:
        known = {name: each for name, each in node["properties"].items() if not _unsupported(each)}
        made["properties"] = {name: _closed(each) for name, each in known.items()}
        made["additionalProperties"] = False
    elif "additionalProperties" in node:
        made["additionalProperties"] = _closed(node["additionalProperties"])
    return made


def _reachable(schemas: dict[str, Any], kinds: tuple[str, ...]) -> set[str]:
    found, waiting = set(), list(kinds)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(_closed(schemas[name])))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for each in node.values():
            yield from _references(each)


def google_alerts() -> dict[str, Any]:
    """Return the schema of metrics that are made of the log, of alerting policies, and of whom they tell."""
    metrics = _discovered("logging.v2.json", ("LogMetric",))[1]
    alerts = _discovered("monitoring.v3.json", ("AlertPolicy", "NotificationChannel"))[1]
    return {
        **alerts,
        "$comment": f"{metrics['$comment']} {alerts['$comment']}",
        "$defs": metrics["$defs"] | alerts["$defs"],
    }


def container_apps() -> dict[str, Any]:
    """Return the schema of container apps and their jobs, from the types of Microsoft's client."""
    definitions = of_dictionaries(("ContainerApp", "Job"), app_types, apps.models)
    return _made_from("azure-mgmt-appcontainers", definitions, apiVersion=_api_version(apps))


def front_door() -> dict[str, Any]:
    """Return the schema of a Front Door."""
    profile = "Microsoft.Cdn/profiles"
    resources = {
        profile: "Profile",
        f"{profile}/afdEndpoints": "AFDEndpoint",
        f"{profile}/originGroups": "AFDOriginGroup",
        f"{profile}/originGroups/origins": "AFDOrigin",
        f"{profile}/customDomains": "AFDDomain",
        f"{profile}/afdEndpoints/routes": "Route",
        f"{profile}/securityPolicies": "SecurityPolicy",
    }
    definitions = of_dictionaries(tuple(resources.values()), cdn_types, cdn.models)
    return _azure("azure-mgmt-cdn", definitions, resources, _api_version(cdn))


def front_door_firewall() -> dict[str, Any]:
    """Return the schema of a Front Door's firewall."""
    kind = "WebApplicationFirewallPolicy"
    definitions = of_classes((kind,), frontdoor.models, frontdoor_classes)
    resources = {"Microsoft.Network/FrontDoorWebApplicationFirewallPolicies": kind}
    return _azure("azure-mgmt-frontdoor", definitions, resources, _api_version(frontdoor))


def azure_alerts() -> dict[str, Any]:
    """Return the schema of alerts on the log, and of whom they tell."""
    resources = {
        "Microsoft.Insights/scheduledQueryRules": "ScheduledQueryRuleResource",
        "Microsoft.Insights/actionGroups": "ActionGroupResource",
    }
    versions = {
        kind: _api_version(monitor, f"operations/_{name}_operations.py")
        for kind, name in zip(resources, ("scheduled_query_rules", "action_groups"), strict=True)
    }
    definitions = of_classes(tuple(resources.values()), monitor.models, monitor_classes)
    return _azure("azure-mgmt-monitor", definitions, resources, versions)


def _api_version(client: Any, file: str = "_configuration.py") -> str:
    # A client tells its version of the API in the signature of its operations alone.
    text = (files(client) / file).read_text(encoding="utf-8")
    (found,) = set(re.findall(r'"api[_-]version", "([0-9-]+)"\)', text))
    return str(found)


def _azure(
    name: str, definitions: dict[str, Any], resources: dict[str, str], versions: str | dict[str, str]
) -> dict[str, Any]:
    told = {
        kind: {"kind": each, "apiVersion": versions if isinstance(versions, str) else versions[kind]}
        for kind, each in resources.items()
    }
    return _made_from(name, definitions, resources=told)


def _made_from(package: str, definitions: dict[str, Any], **more: Any) -> dict[str, Any]:
    comment = f"Made from the types of {package} {version(package)}."
    return {"$schema": DRAFT, "$comment": comment, **more, "$defs": dict(sorted(definitions.items()))}


def load_balancer(wheel: Path) -> dict[str, Any]:
    """Return the schema of the resources of Terraform that make an external load balancer."""
    provider, resources = google_resources(wheel)
    comment = f"Made from {wheel.name}, the bindings of Terraform's provider hashicorp/google {provider}."
    return {"$schema": DRAFT, "$comment": comment, "provider": provider, "$defs": resources}


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "cloud_run.json": cloud_run,
    "cloud_scheduler.json": cloud_scheduler,
    "google_alerts.json": google_alerts,
    "container_apps.json": container_apps,
    "front_door.json": front_door,
    "front_door_firewall.json": front_door_firewall,
    "azure_alerts.json": azure_alerts,
}


def main() -> None:
    """Write all, or say with --check which of them would change."""
    parser = argparse.ArgumentParser(prog="make elsewhere-schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if one would change")
    parser.add_argument(
        "--terraform", type=Path, metavar="WHEEL", help="the bindings of Terraform's Google provider"
    )
    arguments = parser.parse_args()
    wanted = dict(SCHEMAS)
    if wheel := arguments.terraform:
        wanted["load_balancer.json"] = lambda: load_balancer(wheel)
    changed = []
    for name, make in wanted.items():
        path, text = FOLDER / name, json.dumps(make(), indent=1, sort_keys=True) + "\n"
        if not path.exists() or path.read_text() != text:
            changed.append(name)
            if not arguments.check:
                path.write_text(text)
    print("changed:", *(changed or ["nothing"]))
    if arguments.check and changed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
