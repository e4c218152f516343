"""Compare a manifest with the vendor's own schema, which knows every field and refuses all others."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

_FOLDER = Path(__file__).with_name("schemas")
# In the reference of the YAML, and not in the discovery document's list.
# https://docs.cloud.google.com/run/docs/configuring/scaling-controls
_MORE = {
    **{f"run.googleapis.com/scaling-{name}-target": ["Revision"] for name in ("concurrency", "cpu")},
    # https://docs.cloud.google.com/run/docs/configuring/workerpools/manual-scaling
    **{f"run.googleapis.com/{name}": ["WorkerPool"] for name in ("scalingMode", "manualInstanceCount")},
}

# The schemas of Azure that name their types, and what every resource has, whatever it is.
_AZURE = ("front_door", "front_door_firewall", "azure_alerts")
_OF_TEMPLATE = ("type", "apiVersion", "name", "dependsOn")


@cache
def vendors(name: str) -> dict[str, Any]:
    """Return a vendor's schema, by the name of its file."""
    read: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return read


def api_version() -> str:
    """Return the version of Azure's interface whose fields the schema has."""
    return str(vendors("container_apps")["apiVersion"])


def cloud_run_mistakes(manifest: dict[str, Any]) -> list[str]:
    """Return what Cloud Run would not know in a Service, Job or WorkerPool: fields, types, annotations."""
    kind = manifest["kind"]
    schema = {"$ref": f"#/$defs/{kind}", "$defs": vendors("cloud_run")["$defs"]}
    return [*_mistakes(manifest, schema), *_annotations(manifest)]


def cloud_schedule_mistakes(job: dict[str, Any]) -> list[str]:
    """Return what Cloud Scheduler would not know in a job of its own: fields, types, words of a list."""
    return list(_mistakes(job, {"$ref": "#/$defs/Job", "$defs": vendors("cloud_scheduler")["$defs"]}))


def container_app_mistakes(body: dict[str, Any], *, kind: str = "ContainerApp") -> list[str]:
    """Return what Azure would not know in a container app or a Job: fields, their types, words of a list."""
    return list(_mistakes(body, {"$ref": f"#/$defs/{kind}", "$defs": vendors("container_apps")["$defs"]}))


def google_mistakes(document: dict[str, Any], kind: str) -> list[str]:
    """Return what Google's logging and monitoring would not know in a metric, a policy or a channel."""
    return list(_mistakes(document, {"$ref": f"#/$defs/{kind}", "$defs": vendors("google_alerts")["$defs"]}))


def resource(kind: str) -> dict[str, str]:
    """Return what the schemas know of a type of Azure's resources: its version, its definition, and where."""
    for name in _AZURE:
        if kind in (known := vendors(name)["resources"]):
            return {**known[kind], "schema": name}
    return {}


def template_mistakes(template: dict[str, Any]) -> list[str]:
    """Return what Azure would not know in the resources of a template."""
    found = []
    for each in template["resources"]:
        known = resource(each["type"])
        if not known or each["apiVersion"] != known["apiVersion"]:
            found.append(f"{each['name']}: there is no type {each['type']} of version {each['apiVersion']}")
            continue
        schema = {"$ref": f"#/$defs/{known['kind']}", "$defs": vendors(known["schema"])["$defs"]}
        body = {key: value for key, value in each.items() if key not in _OF_TEMPLATE}
        found += [f"{each['name']}: {mistake}" for mistake in _mistakes(body, schema)]
    return found


def terraform_mistakes(configuration: dict[str, Any]) -> list[str]:
    """Return what Terraform's provider would not know in the resources of a configuration."""
    known, found = vendors("load_balancer")["$defs"], []
    for kind, named in configuration["resource"].items():
        for name, body in named.items():
            mistakes = _mistakes(body, known[kind]) if kind in known else ["there is no such type"]
            found += [f"{kind}.{name}: {each}" for each in mistakes]
    return found


def _mistakes(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"


def _annotations(manifest: dict[str, Any]) -> Iterator[str]:
    kind, spec = manifest["kind"], manifest["spec"]["template"]
    known = dict(vendors("cloud_run")["annotations"])
    for name, kinds in _MORE.items():
        known[name] = [*known.get(name, []), *kinds]
    for owner, metadata in (
        (kind, manifest["metadata"]),
        ("Execution" if kind == "Job" else "Revision", spec.get("metadata", {})),
    ):
        for name in metadata.get("annotations", {}):
            if owner not in known.get(name, []):
                where = f"it belongs to {', '.join(known[name])}" if name in known else "there is none such"
                yield f"{owner}: annotation {name}: {where}"
