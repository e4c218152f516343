"""Read what a synth wrote: every stack, also those of stages and nested ones, and how assets are kept."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.assembly import Properties, Template, without_hash
from tools.review.errors import SynthesisError

_STACK = "aws:cloudformation:stack"
_NESTED = "AWS::CloudFormation::Stack"
_MOST_BYTES = 50 * 2**20
_HASH = re.compile(r"[0-9a-f]{64}")


class Stack(NamedTuple):
    """A stack: its name in the report, its path in the construct tree, and where it is deployed."""

    name: str
    path: str
    template: Template
    artifact: Properties


def stacks(cdk_out: Path) -> list[Stack]:
    """Return every stack of a synth; raise SynthesisError where it cannot be read."""
    try:
        found = list(_within(cdk_out, cdk_out, ""))
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise SynthesisError(
            f"writes what cannot be read as a synth: {type(error).__name__}: {error}"
        ) from error
    names = [each.name for each in found]
    # The stack Web-dev is called dev, unless another one is.
    return [each._replace(name=each.path) if names.count(each.name) > 1 else each for each in found]


def assets(cdk_out: Path) -> set[str]:
    """Return how and where assets are built and kept, without the hashes of their contents."""
    found: set[str] = set()
    for page in cdk_out.rglob("*.assets.json"):
        written = _json(cdk_out, page)
        for kind in ("files", "dockerImages"):
            for asset in written.get(kind, {}).values():
                source = {
                    key: each for key, each in asset["source"].items() if key not in ("path", "directory")
                }
                for place in asset["destinations"].values():
                    found.add(_HASH.sub("*", json.dumps([kind, source, place], sort_keys=True)))
    return found


def _within(root: Path, folder: Path, prefix: str) -> Iterator[Stack]:
    artifacts = _json(root, folder / "manifest.json")["artifacts"]
    for id, artifact in artifacts.items():
        if artifact["type"] == "cdk:cloud-assembly":
            inner = folder / artifact["properties"]["directoryName"]
            yield from _within(root, inner, f"{prefix}{artifact.get('displayName', id)}/")
        elif artifact["type"] == _STACK:
            template = _json(root, folder / artifact["properties"]["templateFile"])
            path = artifact.get("displayName") or f"{prefix}{id}"
            stack = Stack(
                id.removeprefix("Web-") if not prefix else path, path, _template(template), artifact
            )
            yield stack
            yield from _nested(root, folder, stack)


def _nested(root: Path, folder: Path, parent: Stack) -> Iterator[Stack]:
    for logical_id, resource in parent.template["Resources"].items():
        asset = resource.get("Metadata", {}).get("aws:asset:path") if resource["Type"] == _NESTED else None
        if asset and str(asset).endswith(".json"):
            name = without_hash(logical_id)
            inner = Stack(
                f"{parent.name}/{name}",
                f"{parent.path}/{name}",
                _template(_json(root, folder / asset)),
                {**parent.artifact, "nested": True},
            )
            yield inner
            yield from _nested(root, folder, inner)


def _template(written: Any) -> Template:
    if not isinstance(written, dict) or not isinstance(written.get("Resources", {}), dict):
        raise TypeError("a template has no resources")
    return {"Resources": {}, **written}


def _json(root: Path, path: Path) -> Any:
    # The code under review wrote the names.
    inside = path.resolve()
    if root.resolve() not in inside.parents:
        raise ValueError(f"{path.name} leads out of the synth")
    if inside.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {_MOST_BYTES} bytes")
    return json.loads(inside.read_text())
