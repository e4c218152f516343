"""Write the schemas in infra/elsewhere/schemas, from the vendors' files that the packages beside this have.

Run it by `make elsewhere-schemas`, in the environment of requirements.txt. A schema is closed: a field that
the vendor does not know is refused.
"""

import argparse
import datetime
import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import azure.mgmt.appcontainers as client
import typing_extensions
from azure.mgmt.appcontainers import models, types
from pydantic import ConfigDict, TypeAdapter

FOLDER = Path(__file__).resolve().parents[2] / "infra" / "elsewhere" / "schemas"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_RUN_KINDS = ("Service", "Job", "WorkerPool")
_APP_KINDS = ("ContainerApp", "Job")
# The generator of these classes marks what they inherit as required, although Azure's documents do not.
_WRONGLY_REQUIRED = ("ContainerApp", "Job", "TrackedResource", "Container", "InitContainer")


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


def container_apps() -> dict[str, Any]:
    """Return the schema of container apps and their jobs, from the types of Microsoft's client."""
    vars(types).update({key: each for key, each in vars(models).items() if key not in vars(types)})
    vars(types)["datetime"] = datetime
    for each in vars(types).values():
        if typing_extensions.is_typeddict(each):
            each.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
    definitions: dict[str, Any] = {}
    for kind in _APP_KINDS:
        made = TypeAdapter(getattr(types, kind)).json_schema(ref_template="#/$defs/{model}")
        definitions |= made.pop("$defs") | {kind: made}
    _tidy(definitions)
    name = "azure-mgmt-appcontainers"
    # The client tells its version of the API in the signature of its operations alone.
    text = (files(client) / "_configuration.py").read_text(encoding="utf-8")
    (api,) = set(re.findall(r'kwargs\.pop\("api_version", "([0-9-]+)"\)', text))
    return {
        "$schema": DRAFT,
        "$comment": f"Made from the types of {name} {version(name)}.",
        "apiVersion": api,
        "$defs": dict(sorted(definitions.items())),
    }


def _tidy(node: Any) -> None:
    """Drop texts; an enum stays closed, although the types take any text beside it."""
    if isinstance(node, list):
        for each in node:
            _tidy(each)
    if not isinstance(node, dict):
        return
    choices = node.get("anyOf", [])
    if len(choices) == 2 and {"type": "string"} in choices and any("$ref" in each for each in choices):
        node.update(next(each for each in node.pop("anyOf") if "$ref" in each))
    if node.get("title") in _WRONGLY_REQUIRED:
        node.pop("required", None)
    for key in ("title", "description"):
        if isinstance(node.get(key), str):
            del node[key]
    for each in node.values():
        _tidy(each)


SCHEMAS = {
    "cloud_run.json": cloud_run,
    "cloud_scheduler.json": cloud_scheduler,
    "container_apps.json": container_apps,
}


def main() -> None:
    """Write all, or say with --check which of them would change."""
    parser = argparse.ArgumentParser(prog="make elsewhere-schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if one would change")
    check = parser.parse_args().check
    changed = []
    for name, make in SCHEMAS.items():
        path, text = FOLDER / name, json.dumps(make(), indent=1, sort_keys=True) + "\n"
        if not path.exists() or path.read_text() != text:
            changed.append(name)
            if not check:
                path.write_text(text)
    print("changed:", *(changed or ["nothing"]))
    if check and changed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
